package io.switchboard.server.auth;

import io.netty.util.NetUtil;
import java.util.HexFormat;

/// What counts as one address where something is bounded by address.
public final class ClientNetwork {
    private static final int LENGTH_MAX = 128;
    private static final int CUSTOMER_BYTES = 8;

    private ClientNetwork() {}

    /// Without the port; of IPv6 the first 64 bits, which are one customer's.
    ///
    /// @param address as logs have it
    public static String of(String address) {
        String host = address;
        int bracket = address.indexOf(']');
        if (address.startsWith("[") && bracket > 0) {
            host = address.substring(1, bracket);
        } else if (address.indexOf(':') == address.lastIndexOf(':') && address.indexOf(':') > 0) {
            host = address.substring(0, address.indexOf(':'));
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
        if (bytes != null && bytes.length == 2 * CUSTOMER_BYTES) {
            return HexFormat.of().formatHex(bytes, 0, CUSTOMER_BYTES);
        }
        return host.length() > LENGTH_MAX ? host.substring(0, LENGTH_MAX) : host;
    }
}
