package io.switchboard.testkit;

import io.switchboard.testkit.Conversation.Asked;
import io.switchboard.testkit.Conversation.Published;
import org.jspecify.annotations.Nullable;

/// What is known to have come of something that a client said.
enum Fate {
    DONE,
    NOT,
    /// Its connection ended before anybody could know.
    UNKNOWN;

    /// @param asked the receipt that was asked for, or null
    /// @param saidAt when it was said
    static Fate of(@Nullable Asked asked, Conversation by, long saidAt) {
        if (asked != null && asked.answered) {
            return DONE;
        }
        if (asked != null && (asked.refused || asked.refusedHeard)) {
            return NOT;
        }
        return saidAt < by.completeAt ? DONE : UNKNOWN;
    }

    /// Of one that is part of no transaction.
    static Fate of(Published message) {
        return message.refused || message.denied
                ? NOT
                : of(message.asked, message.by, message.madeAt);
    }
}
