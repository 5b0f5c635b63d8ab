package io.switchboard.conformance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Collects cases and numbers them within the section that they are about.
final class Cases<T> {
    private final List<Case<T>> all = new ArrayList<>();
    private final Map<String, Integer> counts = new HashMap<>();
    private String section = "";

    /// @param name as `6455-5.2`
    Cases<T> section(String name) {
        section = name;
        return this;
    }

    void must(String rule, Case.Script<T> script) {
        add(Level.MUST, rule, script);
    }

    void should(String rule, Case.Script<T> script) {
        add(Level.SHOULD, rule, script);
    }

    void add(Level level, String rule, Case.Script<T> script) {
        int number = counts.merge(section, 1, Integer::sum);
        all.add(new Case<>("%s-%02d".formatted(section, number), level, rule, script));
    }

    List<Case<T>> all() {
        return List.copyOf(all);
    }
}
