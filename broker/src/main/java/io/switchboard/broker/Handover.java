package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What a subscriber is told of a message besides the message: it was taken from a queue for it.
///
/// @param ack what an ACK or NACK of this message names; null for [AckMode#AUTO]
/// @param deliveryCount how often it has been handed to a subscriber, this time included
/// @param timestampMillis when it arrived, in milliseconds since 1970
/// @param snapshot it was there before the subscriber came: what a key of a topic with state was
///   then
public record Handover(
        @Nullable String ack, int deliveryCount, long timestampMillis, boolean snapshot) {
    public Handover(@Nullable String ack, int deliveryCount, long timestampMillis) {
        this(ack, deliveryCount, timestampMillis, false);
    }

    public boolean redelivered() {
        return deliveryCount > 1;
    }
}
