package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What a subscriber is told of a message besides the message: it was taken from a queue for it.
///
/// @param ack what an ACK or NACK of this message names; null for [AckMode#AUTO]
/// @param deliveryCount how often it has been handed to a subscriber, this time included
/// @param timestampMillis when it arrived, in milliseconds since 1970
/// @param earlier it was there in an earlier life of the server, which may have handed it to
///   somebody
/// @param snapshot it was there before the subscriber came: what a key of a topic with state was
///   then
public record Handover(
        @Nullable String ack,
        int deliveryCount,
        long timestampMillis,
        boolean snapshot,
        boolean earlier) {
    public Handover(@Nullable String ack, int deliveryCount, long timestampMillis) {
        this(ack, deliveryCount, timestampMillis, false, false);
    }

    /// Whether somebody may have had it.
    public boolean redelivered() {
        return deliveryCount > 1 || earlier;
    }
}
