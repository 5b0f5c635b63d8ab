package io.switchboard.server.app;

import org.jspecify.annotations.Nullable;

/// A client from its CONNECT to its end.
///
/// @param id random and so unique; no secret
/// @param user the name of its login, or null where it gave none
/// @param address where it comes from
public record ClientSession(String id, @Nullable String user, String address) {}
