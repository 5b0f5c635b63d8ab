package io.switchboard.broker;

/// Why a command had no effect, or a session ended.
///
/// @param reason the row of the table that ends the session if it is not to go on
/// @param detail what was expected, what came, what to do
/// @param bound which it was, where the row has several
public record Refusal(Disconnect reason, String detail, Bound bound) {
    public Refusal(Disconnect reason, String detail) {
        this(reason, detail, Bound.OF_ROW);
    }
}
