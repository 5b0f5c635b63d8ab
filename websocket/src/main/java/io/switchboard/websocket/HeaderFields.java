package io.switchboard.websocket;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The header fields of a request or response, and the grammar that handshakes need of them (RFC
/// 9110 section 5). Names are compared without case.
record HeaderFields(List<Map.Entry<String, String>> entries) {

    /// The value of each field line with that name.
    List<String> values(String name) {
        List<String> values = new ArrayList<>();
        for (var entry : entries) {
            if (entry.getKey().equalsIgnoreCase(name)) {
                values.add(entry.getValue());
            }
        }
        return values;
    }

    boolean has(String name) {
        return !values(name).isEmpty();
    }

    /// The value of the only field line with that name; null when there is none or more than one.
    @Nullable String single(String name) {
        List<String> values = values(name);
        return values.size() == 1 ? values.getFirst() : null;
    }

    /// All field lines with that name as one list (RFC 9110 section 5.3).
    String joined(String name) {
        return String.join(",", values(name));
    }

    /// Whether the list that the field is has this member, compared without case.
    boolean lists(String name, String member) {
        for (String each : joined(name).split(",")) {
            if (trim(each).equalsIgnoreCase(member)) {
                return true;
            }
        }
        return false;
    }

    /// RFC 9110 section 5.1: no space, least of all before the colon (RFC 9112 section 5.1).
    static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isTokenChar(text.charAt(i))) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    static boolean isTokenChar(char c) {
        return isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    static boolean isLetterOrDigit(char c) {
        return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /// RFC 9110 section 5.5: octets, and no control character but the tab. A line end that came
    /// through here would be the start of somebody else's header.
    static boolean isValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }

    /// Without the white space around it, in HTTP's narrow sense: spaces and tabs.
    static String trim(String text) {
        int start = 0;
        int end = text.length();
        while (start < end && isBlank(text.charAt(start))) {
            start++;
        }
        while (end > start && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(start, end);
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
