package io.switchboard.broker;

/// Why a command had no effect.
///
/// @param reason the row of the table that ends the session if it is not to go on
/// @param detail what was expected, what came, what to do
public record Refusal(Disconnect reason, String detail) {}
