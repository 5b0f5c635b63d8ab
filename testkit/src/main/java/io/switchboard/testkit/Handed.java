package io.switchboard.testkit;

import org.jspecify.annotations.Nullable;

/// What a client is told of a message from a queue, besides the message.
///
/// @param ack what an acknowledgement names, or null
/// @param count how often it was delivered, this time included
/// @param timestampMillis when it arrived
/// @param reason why it is a dead letter, or null
/// @param from the queue that it came from as a dead letter, or -1
/// @param deliveries how often it had been delivered there
record Handed(
        @Nullable String ack,
        int count,
        long timestampMillis,
        @Nullable String reason,
        int from,
        int deliveries) {}
