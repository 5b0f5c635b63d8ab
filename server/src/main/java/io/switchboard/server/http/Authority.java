package io.switchboard.server.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `host [ ":" port ]` of a Host header, an origin or a URL, taken apart without asking DNS.
///
/// @param host in lower case, without a last dot; an IPv6 address in the brackets that it came in
/// @param port -1 for none
/// @param address null for a name
record Authority(String host, int port, @Nullable InetAddress address) {
    /// Letters of names as they are in DNS, with the underscore that some machines have.
    private static final String NAME = "[a-z0-9_-]{1,63}(?:\\.[a-z0-9_-]{1,63})*";

    private static final Pattern GRAMMAR =
            Pattern.compile("(\\[[0-9a-f:.]+]|" + NAME + "\\.?)(?::([0-9]{0,5}))?");

    /// One number of an IPv4 address. One with a leading zero is octal to some and decimal to
    /// others.
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

    private static final Pattern IPV4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");

    /// A last label of digits only is an IPv4 address to a browser, whatever stands before it (the
    /// URL standard's "ends in a number").
    private static final Pattern ENDS_IN_A_NUMBER =
            Pattern.compile("(?:.*\\.)?(?:[0-9]+|0x[0-9a-f]*)");

    /// Null when malformed.
    static @Nullable Authority parse(String text) {
        Matcher matcher = GRAMMAR.matcher(text.toLowerCase(Locale.ROOT));
        if (text.length() > 300 || !matcher.matches()) {
            return null;
        }
        String host = matcher.group(1);
        if (host.endsWith(".")) {
            host = host.substring(0, host.length() - 1);
        }
        String digits = matcher.group(2);
        int port = digits == null || digits.isEmpty() ? -1 : Integer.parseInt(digits);
        if (port > 65_535) {
            return null;
        }
        if (host.startsWith("[") || IPV4.matcher(host).matches()) {
            InetAddress address = literal(host);
            return address == null ? null : new Authority(host, port, address);
        }
        return ENDS_IN_A_NUMBER.matcher(host).matches() ? null : new Authority(host, port, null);
    }

    /// An IPv4 or IPv6 address, the latter without brackets; null for what is none.
    static @Nullable InetAddress literalOf(String text) {
        Authority parsed =
                text.length() > 45 ? null : parse(text.contains(":") ? "[" + text + "]" : text);
        return parsed == null ? null : parsed.address();
    }

    /// `InetAddress` looks a name up, but nothing that comes here is one.
    private static @Nullable InetAddress literal(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    int portOr(int defaultPort) {
        return port < 0 ? defaultPort : port;
    }

    /// Whether both name the same host, as far as that can be known from their spelling.
    boolean sameHost(Authority other) {
        return address == null ? host.equals(other.host) : address.equals(other.address);
    }
}
