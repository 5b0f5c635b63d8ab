package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// Which message an ACK or NACK means: named by the `ack` of its [Handover] (STOMP 1.2), or by its
/// id and, from 1.1 on, the subscription that got it.
///
/// @param ack null in STOMP 1.0 and 1.1
/// @param messageId null in STOMP 1.2
/// @param subscription null where the client does not say
public record Delivered(
        @Nullable String ack, @Nullable String messageId, @Nullable String subscription) {
    public static Delivered byAck(String ack) {
        return new Delivered(ack, null, null);
    }

    public static Delivered byMessage(String messageId, @Nullable String subscription) {
        return new Delivered(null, messageId, subscription);
    }

    /// As its client named it.
    String id() {
        return String.valueOf(ack != null ? ack : messageId);
    }
}
