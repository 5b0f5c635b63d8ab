package io.switchboard.server.http;

import io.switchboard.websocket.HandshakeRequest;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whose word is taken for whom they speak: proxies, by the networks that they are in. What anybody
/// else says about the sender of a request is no news of the sender. Immutable.
public final class TrustedProxies {
    public static final TrustedProxies NONE = new TrustedProxies(List.of());

    /// Whom a request comes from.
    ///
    /// @param address for logs and rules
    /// @param scheme what the client used, null if no proxy says
    public record Sender(String address, @Nullable String scheme) {}

    /// @param prefix whose bits behind the length are 0
    /// @param length of the prefix, in bits
    private record Network(InetAddress prefix, int length) {
        static Network parse(String text) {
            int slash = text.indexOf('/');
            String literal = slash < 0 ? text : text.substring(0, slash);
            InetAddress address = Authority.literalOf(literal);
            if (address != null) {
                int most = address.getAddress().length * Byte.SIZE;
                String digits = text.substring(slash + 1);
                int length = most;
                if (slash >= 0) {
                    length = digits.matches("[0-9]{1,3}") ? Integer.parseInt(digits) : most + 1;
                }
                if (length <= most && zeroBehind(address.getAddress(), length)) {
                    return new Network(address, length);
                }
            }
            throw new IllegalArgumentException(
                    "expected an address or a network, like 192.0.2.7, 10.0.0.0/8 or fd00::/8");
        }

        private static boolean zeroBehind(byte[] address, int length) {
            for (int bit = length; bit < address.length * Byte.SIZE; bit++) {
                if (bit(address, bit) != 0) {
                    return false;
                }
            }
            return true;
        }

        boolean contains(InetAddress address) {
            byte[] mine = prefix.getAddress();
            byte[] its = address.getAddress();
            if (mine.length != its.length) {
                return false;
            }
            for (int bit = 0; bit < length; bit++) {
                if (bit(mine, bit) != bit(its, bit)) {
                    return false;
                }
            }
            return true;
        }

        private static int bit(byte[] address, int index) {
            return address[index / Byte.SIZE] >> (Byte.SIZE - 1 - index % Byte.SIZE) & 1;
        }
    }

    private final List<Network> networks;

    private TrustedProxies(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /// @param texts addresses, or networks as `10.0.0.0/8`
    /// @throws IllegalArgumentException with what was expected
    public static TrustedProxies of(List<String> texts) {
        return new TrustedProxies(texts.stream().map(Network::parse).toList());
    }

    /// Checks one of those texts.
    ///
    /// @throws IllegalArgumentException with what was expected
    public static void check(String text) {
        Network.parse(text);
    }

    public boolean trusts(InetAddress address) {
        for (Network each : networks) {
            if (each.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /// Whom the request comes from: its connection's other end, or, as long as that is a proxy that
    /// is trusted, the one for whom it says that it speaks.
    ///
    /// A proxy that knows one of the two ways to say this may let the other one through as it came
    /// from the client. So where both are there, they must say the same.
    ///
    /// @param address of the other end, and how that is written
    /// @return null if the proxy's words cannot be read, or contradict each other
    public @Nullable Sender sender(InetAddress address, String text, HandshakeRequest request) {
        Sender caller = new Sender(text, null);
        if (!trusts(address)) {
            return caller;
        }
        List<ForwardedHop> hops = ForwardedHop.ofForwarded(request);
        List<ForwardedHop> others = ForwardedHop.ofXForwarded(request);
        if (hops == null || others == null) {
            return null;
        }
        if (hops.isEmpty() || others.isEmpty()) {
            return walk(address, caller, hops.isEmpty() ? others : hops);
        }
        Sender sender = walk(address, caller, hops);
        return sender.equals(walk(address, caller, others)) ? sender : null;
    }

    /// From the last hop, which the proxy next to us has added, to the first that is not trusted.
    private Sender walk(InetAddress caller, Sender sender, List<ForwardedHop> hops) {
        InetAddress address = caller;
        for (int i = hops.size() - 1; i >= 0 && address != null && trusts(address); i--) {
            ForwardedHop hop = hops.get(i);
            address = hop.address();
            sender =
                    new Sender(
                            address == null ? sender.address() : hop.text(),
                            hop.scheme() == null ? sender.scheme() : hop.scheme());
        }
        return sender;
    }
}
