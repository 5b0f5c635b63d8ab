package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Several sends and settlements that happen all or not at all, on whatever shards. Owned by the
/// shard that coordinates it.
final class Commit {
    final List<Part> parts = new ArrayList<>(2);

    /// For the application, once all else is certain.
    final List<Message> applicationSends = new ArrayList<>(0);

    /// What is charged to the memory of transactions until it is done.
    final long bytes;

    private final Request request;

    /// The messages whose way to the dead letters this is.
    final List<Entry> buried;

    /// Who wants to hear when they have arrived.
    final Journal.@Nullable Then thenBuried;

    /// Parts whose home shards have not said whether they can.
    int unprepared;

    /// The dead letters have been sent on their way as well.
    boolean lettersPrepared;

    @Nullable Refusal refusal;

    Commit(Request request, long bytes) {
        this(request, bytes, List.of(), null);
    }

    Commit(Request request, long bytes, List<Entry> buried, Journal.@Nullable Then thenBuried) {
        this.request = request;
        this.bytes = bytes;
        this.buried = buried;
        this.thenBuried = thenBuried;
    }

    Request request() {
        return request;
    }

    Part part(int home) {
        return part(home, false);
    }

    Part part(int home, boolean ofLetters) {
        for (Part part : parts) {
            if (part.home == home && part.ofLetters == ofLetters) {
                return part;
            }
        }
        Part part = new Part(this, home, ofLetters);
        parts.add(part);
        return part;
    }
}
