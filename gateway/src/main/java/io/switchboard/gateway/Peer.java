package io.switchboard.gateway;

import io.switchboard.stomp.StompVersion;
import org.jspecify.annotations.Nullable;

/// What is known of a client before its first frame.
///
/// @param address of the socket's other end, for logs and rules
/// @param local whether it came through a listener on a loopback address, by no proxy
/// @param subprotocol the STOMP version settled in the WebSocket handshake, or null
public record Peer(String address, boolean local, @Nullable StompVersion subprotocol) {}
