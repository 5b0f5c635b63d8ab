package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The way of messages to the dead letters: all that one command rejects leave their queue and come
/// there in one commit, or stay. Those of dead letters are dropped. Owned by its shard.
///
/// What is not in memory is read for it, a little at a time, however much grows too old at once.
final class DeadLetters {
    /// What is read for burials that are not done, in bytes; a single one may have more.
    private static final long READ_MAX = 1 << 20;

    private final Shard shard;
    private final Queues queues;
    private final Settlements settlements;

    /// Those that wait to be read.
    private final ArrayDeque<Burial> waiting = new ArrayDeque<>();

    private long bytesRead;

    DeadLetters(Shard shard, Queues queues, Settlements settlements) {
        this.shard = shard;
        this.queues = queues;
        this.settlements = settlements;
    }

    /// Messages of one queue that go together.
    private static final class Burial {
        final List<Entry> entries;
        final DeadLetter reason;
        final String to;
        final Journal.Then then;
        final @Nullable Message[] messages;

        /// Of the messages that must be read.
        final long bytes;

        Burial(List<Entry> entries, DeadLetter reason, String to, Journal.Then then) {
            this.entries = entries;
            this.reason = reason;
            this.to = to;
            this.then = then;
            messages = new @Nullable Message[entries.size()];
            long missing = 0;
            for (int i = 0; i < messages.length; i++) {
                Entry entry = entries.get(i);
                if (entry.stub()) {
                    missing += entry.cost;
                } else {
                    messages[i] = entry.message();
                }
            }
            bytes = missing;
        }

        Queue queue() {
            return entries.get(0).queue;
        }
    }

    /// @param entries of one queue, at least one
    /// @param then when it is stored, where it must be
    void bury(List<Entry> entries, DeadLetter reason, Journal.Then then) {
        Queue queue = entries.get(0).queue;
        for (Entry entry : entries) {
            entry.state = Entry.State.SETTLING;
        }
        String to = queue.policy.deadLetter();
        if (to == null && (queue.kind == Queue.Kind.LASTING || queue.kind == Queue.Kind.DURABLE)) {
            to = DeadLetter.DESTINATION;
        }
        if (to == null || to.equals(queue.name)) {
            shard.counters.rejected += entries.size();
            settlements.accept(entries, then);
            return;
        }
        Burial burial = new Burial(entries, reason, to, then);
        if (burial.bytes == 0) {
            commit(burial, then);
        } else {
            waiting.add(burial);
            readNext();
        }
    }

    private void readNext() {
        for (Burial first = waiting.peek();
                first != null && (bytesRead == 0 || bytesRead + first.bytes <= READ_MAX);
                first = waiting.peek()) {
            waiting.poll();
            bytesRead += first.bytes;
            read(first, 0);
        }
    }

    /// Reads what is missing from there on, what is of one epoch at a time.
    private void read(Burial burial, int from) {
        int first = from;
        while (first < burial.messages.length && !burial.entries.get(first).stub()) {
            first++;
        }
        if (first == burial.messages.length) {
            commit(
                    burial,
                    failure -> {
                        done(burial);
                        burial.then.stored(failure);
                    });
            return;
        }
        int start = first;
        int end = first;
        while (end < burial.messages.length
                && burial.entries.get(end).stub()
                && burial.entries.get(end).epoch == burial.entries.get(start).epoch) {
            end++;
        }
        int next = end;
        queues.backlog()
                .read(
                        burial.entries.subList(start, end),
                        (messages, failure) -> {
                            if (failure == null) {
                                for (int i = 0; i < messages.size(); i++) {
                                    burial.messages[start + i] = messages.get(i);
                                }
                                read(burial, next);
                            } else {
                                unread(burial, failure);
                            }
                        });
    }

    /// Who waits for it hears of it, and has not rejected anything; what nobody waits for is tried
    /// again.
    private void unread(Burial burial, Refusal failure) {
        Arrays.fill(burial.messages, null);
        done(burial);
        if (burial.then == Settlements.NOBODY) {
            queues.backlog()
                    .later(() -> {
                        waiting.add(burial);
                        readNext();
                    });
        } else {
            takeBack(burial.entries);
            burial.then.stored(failure);
            queues.forgetIfIdle(burial.queue());
        }
    }

    private void done(Burial burial) {
        bytesRead -= burial.bytes;
        readNext();
    }

    private void commit(Burial burial, Journal.Then then) {
        List<Entry> entries = new ArrayList<>(burial.entries.size());
        List<Message> letters = new ArrayList<>(burial.entries.size());
        for (int i = 0; i < burial.messages.length; i++) {
            Entry entry = burial.entries.get(i);
            Message message = burial.messages[i];
            if (message == null) {
                queues.lost(entry);
            } else {
                entries.add(entry);
                letters.add(burial.reason.of(message, entry.deliveryCount, burial.to));
            }
        }
        if (entries.isEmpty()) {
            then.stored(null);
            queues.forgetIfIdle(burial.queue());
            return;
        }
        shard.counters.deadLetters += entries.size();
        shard.commits().bury(entries, letters, then);
    }

    // --- How it ended ---

    /// They have left their queue for the dead letters, are lost for want of room there, or stay
    /// because the journal failed.
    void buried(List<Entry> entries, Journal.Then then, @Nullable Refusal refusal) {
        Queue queue = entries.get(0).queue;
        if (refusal == null) {
            entries.forEach(queues::forget);
            then.stored(null);
        } else {
            shard.counters.deadLetters -= entries.size();
            if (refusal.reason() == Disconnect.STORE_FAILED
                    || refusal.reason() == Disconnect.STORE_FULL) {
                takeBack(entries);
                then.stored(refusal);
            } else {
                shard.counters.rejected += entries.size();
                settlements.accept(entries, then);
            }
        }
        queues.forgetIfIdle(queue);
    }

    /// The last first, so that each finds its place at the head.
    private static void takeBack(List<Entry> entries) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            entries.get(i).queue.takeBack(entries.get(i));
        }
    }
}
