package io.switchboard.server.http;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An origin (RFC 6454), or all origins of a domain's subdomains: `https://*.example.com`.
///
/// @param wildcard whether the hosts below the authority's are meant, and not itself
record AllowedOrigin(String scheme, Authority authority, boolean wildcard) {
    private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");

    /// For the configuration.
    ///
    /// @throws IllegalArgumentException if the text is no origin
    static AllowedOrigin parse(String text) {
        int end = text.indexOf("://");
        boolean wildcard = end > 0 && text.startsWith("*.", end + 3);
        AllowedOrigin origin =
                wildcard
                        ? parts(text.substring(0, end + 3) + text.substring(end + 5), true)
                        : parts(text, false);
        if (origin == null || (wildcard && origin.authority.address() != null)) {
            throw new IllegalArgumentException(
                    "expected an origin like https://example.com, https://example.com:8443 or"
                            + " https://*.example.com");
        }
        return origin;
    }

    /// Of an Origin header. Null for `null`, and for what is no origin.
    static @Nullable AllowedOrigin ofHeader(String text) {
        return parts(text, false);
    }

    private static @Nullable AllowedOrigin parts(String text, boolean wildcard) {
        int end = text.indexOf("://");
        if (end < 0) {
            return null;
        }
        String scheme = text.substring(0, end).toLowerCase(Locale.ROOT);
        Authority authority = Authority.parse(text.substring(end + 3));
        return authority == null || !SCHEME.matcher(scheme).matches()
                ? null
                : new AllowedOrigin(scheme, authority, wildcard);
    }

    boolean matches(AllowedOrigin origin) {
        if (!scheme.equals(origin.scheme) || port() != origin.port()) {
            return false;
        }
        return wildcard
                ? origin.authority.address() == null
                        && origin.authority.host().endsWith("." + authority.host())
                : authority.sameHost(origin.authority);
    }

    int port() {
        return authority.portOr(defaultPort(scheme));
    }

    static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            default -> -1;
        };
    }
}
