package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// Who is at the other end of a session.
///
/// @param name the name of its login, or null where it gave none
/// @param local whether it came through a listener on a loopback address, by no proxy
/// @param address the peer's address, for rules and logs
public record Principal(@Nullable String name, boolean local, String address) {}
