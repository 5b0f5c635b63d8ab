package io.switchboard.server.transport;

import java.net.InetSocketAddress;

/// Who is at the other end of a connection, before it has said anything.
///
/// @param address as the socket has it, or the PROXY header of a trusted proxy
/// @param local whether it came to a loopback address, and from no trusted proxy: those speak for
///   whoever is behind them
/// @param listener that it came to
record Caller(InetSocketAddress address, boolean local, String listener) {
    /// The address as logs and rules have it.
    String text() {
        return Addresses.text(address);
    }
}
