package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What the access rules denied to a session, for those who watch over it.
///
/// @param destination as the client named it; its canonical name where something was asked about
///   again, without the secret of a temporary queue; empty for a CONNECT
/// @param transaction that it is part of; null for none
/// @param rule why, as the client is told
/// @param count of all that this session was denied or lost
public record Denial(
        AccessRules.Action action,
        String destination,
        @Nullable String transaction,
        String rule,
        int count) {}
