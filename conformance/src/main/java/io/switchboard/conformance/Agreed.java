package io.switchboard.conformance;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a `Sec-WebSocket-Extensions` answer says about permessage-deflate (RFC 7692 section 7.1).
///
/// @param serverBits of the window, null if the answer says nothing about it
record Agreed(
        boolean serverNoContext,
        boolean clientNoContext,
        @Nullable Integer serverBits,
        @Nullable Integer clientBits) {

    /// @throws IllegalArgumentException if that is no answer that a server may give
    static Agreed read(String answer) {
        String[] parts = answer.toLowerCase(Locale.ROOT).split(";", -1);
        if (!parts[0].strip().equals("permessage-deflate")) {
            throw new IllegalArgumentException("another extension than the one offered: " + answer);
        }
        boolean serverNoContext = false;
        boolean clientNoContext = false;
        Integer serverBits = null;
        Integer clientBits = null;
        Set<String> names = new HashSet<>();
        for (int i = 1; i < parts.length; i++) {
            String[] words = parts[i].strip().split("\\s*=\\s*", 2);
            if (!names.add(words[0])) {
                throw new IllegalArgumentException("a parameter stands there twice: " + answer);
            }
            String value = words.length == 2 ? words[1].replace("\"", "") : "";
            switch (words[0]) {
                case "server_no_context_takeover" -> serverNoContext = value.isEmpty();
                case "client_no_context_takeover" -> clientNoContext = value.isEmpty();
                case "server_max_window_bits" -> serverBits = bits(value, answer);
                case "client_max_window_bits" -> clientBits = bits(value, answer);
                default -> throw new IllegalArgumentException("an unknown parameter: " + answer);
            }
        }
        return new Agreed(serverNoContext, clientNoContext, serverBits, clientBits);
    }

    private static Integer bits(String value, String answer) {
        if (!value.matches("[89]|1[0-5]")) {
            throw new IllegalArgumentException("a window of no size: " + answer);
        }
        return Integer.valueOf(value);
    }
}
