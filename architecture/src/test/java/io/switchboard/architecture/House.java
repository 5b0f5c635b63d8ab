package io.switchboard.architecture;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The modules and the arrows between them, as ARCHITECTURE.md draws them: what is not listed is
/// forbidden. A module that may use another one may also use what that one is made of, since its
/// types are in its signatures.
final class House {
    static final String ROOT = "io.switchboard";

    /// Modules that touch no socket, file, thread, logger, clock or random source.
    static final List<String> PURE = List.of("websocket", "stomp", "broker", "gateway");

    /// Modules without shipped code, which may use what they like.
    static final List<String> TESTS_ONLY = List.of("interop", "architecture");

    private static final Map<String, List<String>> ARROWS = new LinkedHashMap<>();

    static {
        ARROWS.put("websocket", List.of());
        ARROWS.put("stomp", List.of());
        ARROWS.put("broker", List.of());
        ARROWS.put("gateway", List.of("stomp", "broker"));
        ARROWS.put("storage", List.of("broker"));
        ARROWS.put("server", List.of("websocket", "gateway", "storage"));
        ARROWS.put("client", List.of("websocket", "stomp"));
        ARROWS.put("bench", List.of("client"));
        ARROWS.put("examples", List.of("client", "server"));
        ARROWS.put("cli", List.of("server", "client", "bench", "examples"));
        ARROWS.put("conformance", List.of());
        ARROWS.put("testkit", List.of("gateway", "server", "client"));
    }

    private House() {}

    static Set<String> modules() {
        return ARROWS.keySet();
    }

    /// The other modules that `module` may use.
    static Set<String> allowed(String module) {
        Set<String> allowed = new LinkedHashSet<>();
        for (String direct : ARROWS.get(module)) {
            allowed.add(direct);
            allowed.addAll(allowed(direct));
        }
        return allowed;
    }
}
