package io.switchboard.websocket;

import java.util.HexFormat;
import java.util.Locale;

/// The syntax of a request's target and Host (RFC 9112 section 3.2, RFC 3986).
final class RequestTarget {
    private RequestTarget() {}

    /// A path with perhaps a query, or the same behind `scheme://host`; not `*`, no fragment (RFC
    /// 6455 section 3).
    static boolean valid(String target) {
        if (target.startsWith("/")) {
            return validPathAndQuery(target);
        }
        int authority = target.indexOf("://") + 3;
        if (authority < 3 || !isScheme(target.substring(0, authority - 3))) {
            return false;
        }
        int end = authority;
        while (end < target.length() && "/?".indexOf(target.charAt(end)) < 0) {
            end++;
        }
        return validHost(target.substring(authority, end))
                && validPathAndQuery(target.substring(end));
    }

    /// `uri-host [ ":" port ]`, not empty, as the URIs that name a server must not leave the host
    /// out (RFC 9110 section 4.2.1).
    static boolean validHost(String text) {
        int end;
        if (text.startsWith("[")) {
            end = text.indexOf(']') + 1;
            if (end < 3 || !hasOnly(text.substring(1, end - 1), ":.")) {
                return false;
            }
        } else {
            int colon = text.indexOf(':');
            end = colon < 0 ? text.length() : colon;
            if (end == 0 || !hasOnly(text.substring(0, end), "-._~!$&'()*+,;=%")) {
                return false;
            }
        }
        return end == text.length()
                || (text.charAt(end) == ':' && validPort(text.substring(end + 1)));
    }

    private static boolean validPort(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!HeaderFields.isDigit(text.charAt(i))) {
                return false;
            }
        }
        return text.length() <= 5 && (text.isEmpty() || Integer.parseInt(text) <= 0xffff);
    }

    private static boolean isScheme(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "http", "https", "ws", "wss" -> true;
            default -> false;
        };
    }

    /// What RFC 3986 excludes but browsers leave as it is in a query (`[]{}|^` and the backquote)
    /// is let through: nothing can be smuggled in it.
    private static boolean validPathAndQuery(String text) {
        return hasOnly(text, "-._~!$&'()*+,;=%:@/?[]{}|^`");
    }

    /// Letters, digits, these characters, and `%` only with its two hexadecimal digits.
    private static boolean hasOnly(String text, String others) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!HeaderFields.isLetterOrDigit(c) && others.indexOf(c) < 0) {
                return false;
            }
            if (c == '%' && !(isHex(text, i + 1) && isHex(text, i + 2))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isHex(String text, int index) {
        return index < text.length() && HexFormat.isHexDigit(text.charAt(index));
    }
}
