package io.switchboard.testkit;

import io.switchboard.testkit.Conversation.Asked;
import io.switchboard.testkit.Conversation.Published;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One transaction as its client lives through it.
final class Transaction {
    final int number;
    final Conversation by;
    final List<Published> sends = new ArrayList<>();
    final List<Copy.Delivery> settled = new ArrayList<>();

    /// When COMMIT was said.
    long committedAt = Conversation.NEVER;

    @Nullable Asked asked;
    boolean aborted;

    /// Its BEGIN was refused.
    boolean refused;

    /// Known when all is quiet.
    Fate fate = Fate.UNKNOWN;

    Transaction(int number, Conversation by) {
        this.number = number;
        this.by = by;
    }

    String id() {
        return "tx" + number;
    }

    boolean open() {
        return committedAt == Conversation.NEVER && !aborted && !refused;
    }

    /// What the client was told of it.
    Fate told() {
        return aborted || refused || committedAt == Conversation.NEVER
                ? Fate.NOT
                : Fate.of(asked, by, committedAt);
    }

    /// Whether a frame is sure to be part of it, if it was committed. Where a refusal ends the
    /// session, nothing is committed after one.
    boolean joined(@Nullable Asked frame) {
        return !by.soft || frame != null && frame.answered;
    }
}
