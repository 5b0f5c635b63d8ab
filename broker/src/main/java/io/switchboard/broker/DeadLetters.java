package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The way of messages to the dead letters: all that one command rejects leave their queue and come
/// there in one commit, or stay; what a commit rejects does so as a part of it. Those of dead
/// letters are dropped. Owned by its shard.
///
/// What is not in memory is read for it, a little at a time, however much grows too old at once. A
/// commit does not wait for its turn, since it makes others wait: what it reads is charged to the
/// memory of transactions.
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
            messages = here(entries);
            bytes = missing(entries);
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
        String to = destination(queue);
        if (to == null) {
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

    /// Where those of a queue go; null if they are dropped.
    private static @Nullable String destination(Queue queue) {
        String to = queue.policy.deadLetter();
        if (to == null && (queue.kind == Queue.Kind.LASTING || queue.kind == Queue.Kind.DURABLE)) {
            to = DeadLetter.DESTINATION;
        }
        return queue.name.equals(to) ? null : to;
    }

    // --- Reading ---

    /// The messages that are in memory; null for the others.
    private static @Nullable Message[] here(List<Entry> entries) {
        @Nullable Message[] messages = new @Nullable Message[entries.size()];
        for (int i = 0; i < messages.length; i++) {
            messages[i] = entries.get(i).stub() ? null : entries.get(i).message();
        }
        return messages;
    }

    /// The others, in bytes.
    private static long missing(List<Entry> entries) {
        long missing = 0;
        for (Entry entry : entries) {
            missing += entry.stub() ? entry.cost : 0;
        }
        return missing;
    }

    private void readNext() {
        for (Burial first = waiting.peek();
                first != null && (bytesRead == 0 || bytesRead + first.bytes <= READ_MAX);
                first = waiting.peek()) {
            waiting.poll();
            bytesRead += first.bytes;
            read(first);
        }
    }

    private void read(Burial burial) {
        read(
                burial.entries,
                burial.messages,
                0,
                failure -> {
                    if (failure == null) {
                        commit(burial);
                    } else {
                        unread(burial, failure);
                    }
                });
    }

    /// Reads what is missing from there on, what is of one epoch at a time.
    ///
    /// @param then when all is there that can be
    private void read(
            List<Entry> entries, @Nullable Message[] messages, int from, Journal.Then then) {
        int first = from;
        while (first < messages.length && !entries.get(first).stub()) {
            first++;
        }
        if (first == messages.length) {
            then.stored(null);
            return;
        }
        int start = first;
        int end = first;
        while (end < messages.length
                && entries.get(end).stub()
                && entries.get(end).epoch == entries.get(start).epoch) {
            end++;
        }
        int next = end;
        queues.backlog()
                .read(
                        entries.subList(start, end),
                        (found, failure) -> {
                            if (failure == null) {
                                for (int i = 0; i < found.size(); i++) {
                                    messages[start + i] = found.get(i);
                                }
                                read(entries, messages, next, then);
                            } else {
                                then.stored(failure);
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

    private void commit(Burial burial) {
        commit(
                burial,
                failure -> {
                    done(burial);
                    burial.then.stored(failure);
                });
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

    // --- As a part of a commit ---

    /// Says what is to be stored, and which letters are to be sent. The part waits for what must be
    /// read.
    ///
    /// @param entries of one queue, at least one
    /// @return null if there is memory for that, else why not
    @Nullable Refusal prepare(List<Entry> entries, Part part) {
        String to = destination(entries.get(0).queue);
        if (to == null) {
            part.changes.addAll(Settlements.removals(entries));
            return null;
        }
        long bytes = missing(entries);
        Refusal refusal = bytes == 0 ? null : shard.commits().take(bytes);
        if (refusal != null) {
            return refusal;
        }
        part.bytesRead += bytes;
        part.unread++;
        @Nullable Message[] messages = here(entries);
        read(
                entries,
                messages,
                0,
                failure -> {
                    if (failure == null) {
                        write(entries, messages, to, part);
                    } else {
                        part.refuse(failure);
                    }
                    shard.commits().read(part);
                });
        return null;
    }

    private void write(List<Entry> entries, @Nullable Message[] messages, String to, Part part) {
        List<Entry> found = new ArrayList<>(entries.size());
        for (int i = 0; i < messages.length; i++) {
            Entry entry = entries.get(i);
            Message message = messages[i];
            if (message == null) {
                shard.counters.lost++;
            } else {
                found.add(entry);
                part.letters.add(DeadLetter.REJECTED.of(message, entry.deliveryCount, to));
            }
        }
        part.changes.addAll(Settlements.removals(found));
    }

    /// They are gone: of those that go nowhere nobody else knows.
    void countDropped(Queue queue, int count) {
        if (destination(queue) == null) {
            shard.counters.rejected += count;
        }
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
