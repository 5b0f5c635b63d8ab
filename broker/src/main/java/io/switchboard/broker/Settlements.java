package io.switchboard.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How the messages of a shard's queues leave them: acknowledged, consumed, too old, to the dead
/// letters; or come back. Owned by that shard.
final class Settlements {
    /// Who waits for nothing.
    static final Journal.Then NOBODY = failure -> {};

    private final Shard shard;
    private final Queues queues;
    private final Counters counters;
    private final DeadLetters deadLetters;

    Settlements(Shard shard, Queues queues) {
        this.shard = shard;
        this.queues = queues;
        counters = shard.counters;
        deadLetters = new DeadLetters(shard, queues, this);
    }

    DeadLetters deadLetters() {
        return deadLetters;
    }

    /// @param id as the client said it
    static Refusal notHeld(String id) {
        return new Refusal(
                Disconnect.UNKNOWN_DELIVERY,
                "expected a message that this session was given to acknowledge and has not"
                        + " settled but was "
                        + id);
    }

    void settle(Commands.Attempt attempt, Settlement settlement, Request request) {
        Commands.Attempt found = attempt;
        while (found.next() != null && !holds(found.consumer(), found.name())) {
            found = found.next();
        }
        Consumer consumer = found.consumer();
        Queue queue = consumer.queue;
        if (queue == null || consumer.auto() || consumer.gone) {
            shard.answer(request, notHeld(attempt.id()));
            return;
        }
        if (settlement == Settlement.ACCEPT
                && consumer.options.ack() == AckMode.CLIENT_INDIVIDUAL) {
            acceptOne(found, queue, request);
            return;
        }
        List<Long> tags = queue.named(consumer, found.name());
        if (tags.isEmpty()) {
            shard.answer(request, notHeld(attempt.id()));
            return;
        }
        settle(
                queue.release(consumer, tags),
                settlement,
                failure -> shard.answer(request, failure));
        queue.goOn(consumer);
        queues.forgetIfIdle(queue);
    }

    /// What the name means of that which the consumer holds; nothing if it does not hold it.
    private static List<Long> tags(Consumer consumer, HeldName name) {
        Queue queue = consumer.queue;
        return queue == null || consumer.auto() || consumer.gone
                ? List.of()
                : queue.named(consumer, name);
    }

    static boolean holds(Consumer consumer, HeldName name) {
        return !consumer.auto() && !consumer.gone && Queue.holds(consumer, name);
    }

    /// What nearly all acknowledgements are.
    private void acceptOne(Commands.Attempt attempt, Queue queue, Request request) {
        Consumer consumer = attempt.consumer();
        Entry entry = queue.release(consumer, attempt.name());
        if (entry == null) {
            shard.answer(request, notHeld(attempt.id()));
            return;
        }
        if (entry.durable) {
            accept(List.of(entry), failure -> shard.answer(request, failure));
        } else {
            queues.forget(entry);
            shard.answer(request, null);
        }
        queue.goOn(consumer);
        queues.forgetIfIdle(queue);
    }

    /// What was released is settled.
    ///
    /// @param then when that is stored, where it must be
    void settle(List<Entry> entries, Settlement settlement, Journal.Then then) {
        switch (settlement) {
            case ACCEPT -> accept(entries, then);
            case REQUEUE -> {
                for (int i = entries.size() - 1; i >= 0; i--) {
                    entries.get(i).queue.requeue(entries.get(i));
                }
                then.stored(null);
            }
            case REJECT -> deadLetters.bury(entries, DeadLetter.REJECTED, then);
        }
    }

    /// They leave their queue, all or none.
    void accept(List<Entry> entries, Journal.Then then) {
        accept(entries, List.of(), then);
    }

    /// @param with stored in the same batch
    private void accept(List<Entry> entries, List<Journal.Change> with, Journal.Then then) {
        List<Journal.Change> removals = removals(entries, with);
        if (removals.isEmpty()) {
            entries.forEach(queues::forget);
            then.stored(null);
            return;
        }
        queues.append(
                removals,
                failure -> {
                    if (failure == null) {
                        entries.forEach(queues::forget);
                    } else {
                        entries.forEach(this::notRemoved);
                    }
                    then.stored(failure);
                    if (failure != null) {
                        entries.get(0).queue.dispatch();
                    }
                    queues.forgetIfIdle(entries.get(0).queue);
                });
    }

    /// It counts as never acknowledged; what is too old as well is not removed again at once.
    private void notRemoved(Entry entry) {
        if (entry.expired(queues.nowMillis())) {
            entry.queue.takeBack(entry);
        } else {
            entry.queue.requeue(entry);
        }
    }

    static List<Journal.Change> removals(List<Entry> entries) {
        return removals(entries, List.of());
    }

    /// @param with comes first
    static List<Journal.Change> removals(List<Entry> entries, List<Journal.Change> with) {
        List<Journal.Change> removals = with;
        for (Entry entry : entries) {
            if (entry.durable) {
                if (removals == with) {
                    removals = new ArrayList<>(with.size() + entries.size());
                    removals.addAll(with);
                }
                removals.add(
                        new Journal.Change.Remove(entry.queue.name, entry.epoch, entry.sequence));
            }
        }
        return removals;
    }

    /// By writing it to the socket of an [AckMode#AUTO] consumer.
    void consumed(Entry entry) {
        entry.state = Entry.State.SETTLING;
        accept(List.of(entry), NOBODY);
    }

    /// Dropped with its queue, or because nobody is to have it any more.
    void drop(Entry entry) {
        counters.unrouted++;
        consumed(entry);
    }

    /// What waited in a queue that is closed. The journal removes ranges, however much it is; if
    /// that fails it has them until the next start, which finds that nobody is to have them.
    void dropAll(List<Entry> entries) {
        counters.unrouted += entries.size();
        Map<Long, Long> last = new HashMap<>();
        for (Entry entry : entries) {
            entry.state = Entry.State.SETTLING;
            if (entry.durable) {
                last.merge(entry.epoch, entry.sequence, Math::max);
            }
        }
        if (last.isEmpty()) {
            entries.forEach(queues::forget);
            return;
        }
        String home = entries.get(0).queue.name;
        List<Journal.Change> ranges = new ArrayList<>(last.size());
        last.forEach((epoch, sequence) ->
                ranges.add(new Journal.Change.RemoveThrough(home, epoch, sequence)));
        queues.append(ranges, failure -> entries.forEach(queues::forget));
    }

    /// For want of room for a later one. The queue hands nothing out until that is stored: should
    /// the journal fail, this comes before what is behind it.
    ///
    /// @param mark stored in the same batch
    void giveUp(Entry entry, List<Journal.Change> mark) {
        counters.durableDropped++;
        entry.state = Entry.State.SETTLING;
        Queue queue = entry.queue;
        queue.pause();
        accept(List.of(entry), mark, failure -> queue.resume());
    }

    /// It is too old: to the dead letters if its policy names some, else it is dropped.
    void expire(Entry entry) {
        queues.removeDeadline(entry);
        counters.expired++;
        if (entry.queue.policy.deadLetter() != null) {
            bury(entry, DeadLetter.EXPIRED);
        } else {
            consumed(entry);
        }
    }

    void bury(Entry entry, DeadLetter reason) {
        deadLetters.bury(List.of(entry), reason, NOBODY);
    }

    // --- As a part of a commit ---

    /// Promises to settle; null if it can, else why not.
    @Nullable Refusal prepare(Part.Promise promise, Part part) {
        for (Commands.Attempt attempt = promise.attempt();
                attempt != null;
                attempt = attempt.next()) {
            List<Long> tags = tags(attempt.consumer(), attempt.name());
            if (!tags.isEmpty()) {
                return promise(attempt.consumer(), promise.settlement(), tags, part);
            }
        }
        return notHeld(promise.attempt().id());
    }

    private @Nullable Refusal promise(
            Consumer consumer, Settlement settlement, List<Long> tags, Part part) {
        List<Entry> entries = new ArrayList<>(tags.size());
        for (long tag : tags) {
            Entry entry = consumer.held.get(tag);
            if (entry != null) {
                entry.promised = true;
                entries.add(entry);
            }
        }
        part.undo.add(() -> takeBack(consumer, entries));
        part.settling.add(new Part.Settling(consumer, settlement, tags, entries));
        return switch (settlement) {
            case ACCEPT -> {
                part.changes.addAll(removals(entries));
                yield null;
            }
            case REQUEUE -> null;
            case REJECT -> deadLetters.prepare(entries, part);
        };
    }

    /// The commit was given up: its holder has it as before, or the queue has it again.
    private void takeBack(Consumer consumer, List<Entry> entries) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            entry.promised = false;
            if (consumer.gone) {
                entry.queue.requeue(entry);
                entry.queue.dispatch();
            }
        }
    }

    /// The commit is done, and stored where it must be.
    void settle(Part.Settling settling) {
        Consumer consumer = settling.consumer();
        Queue queue = consumer.queue;
        if (queue == null) {
            throw new IllegalStateException("settling what no queue has");
        }
        if (!consumer.gone) {
            queue.release(consumer, settling.tags());
        }
        for (Entry entry : settling.entries()) {
            entry.promised = false;
        }
        switch (settling.settlement()) {
            case ACCEPT -> settling.entries().forEach(queues::forget);
            case REQUEUE -> settle(settling.entries(), Settlement.REQUEUE, NOBODY);
            case REJECT -> {
                deadLetters.countDropped(queue, settling.entries().size());
                settling.entries().forEach(queues::forget);
            }
        }
        queue.goOn(consumer);
        queues.forgetIfIdle(queue);
    }
}
