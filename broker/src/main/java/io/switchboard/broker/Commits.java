package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Commits across destinations and shards. The coordinator asks every home shard to prepare: it
/// keeps places and room, or says why it cannot. When all can, one batch goes to the journal, if
/// anything in it is durable; then all are told to go ahead. Until then what follows to the same
/// destinations waits behind the places, so a commit's messages to one destination stand together,
/// in their order.
///
/// What it rejects goes to the dead letters in the same batch. Only who has read it can say where
/// that is and how long it is, so the homes of the dead letters prepare after all others. Want of
/// room there does not hold the commit up: those letters are dropped.
///
/// Owned by its shard, as the coordinator of its own and as the home of others' parts.
final class Commits {
    private static final Refusal NOT_DONE =
            new Refusal(Disconnect.INTERNAL_ERROR, "the commit has not happened");

    private final Shard shard;
    private final int index;
    private final Queues queues;
    private final Settlements settlements;
    private final Topics topics;
    private final DedupWindows dedup;
    private final Budget budget;
    private final Budget.Share memory;

    Commits(
            Shard shard,
            int index,
            Queues queues,
            Topics topics,
            DedupWindows dedup,
            Budget budget) {
        this.shard = shard;
        this.index = index;
        this.queues = queues;
        settlements = queues.settlements();
        this.topics = topics;
        this.dedup = dedup;
        this.budget = budget;
        memory = budget.share();
    }

    // --- Memory of transactions ---

    /// Null if there is room for the bytes of one more frame.
    @Nullable Refusal take(long bytes) {
        return memory.take(bytes)
                ? null
                : new Refusal(
                        Disconnect.TRANSACTION_MEMORY,
                        "expected all open transactions to hold at most "
                                + budget.bytesMax()
                                + " bytes but was more; commit earlier");
    }

    void give(long bytes) {
        memory.give(bytes);
    }

    long bytesHeld() {
        return memory.used();
    }

    // --- As the coordinator ---

    void start(Commit commit) {
        commit.unprepared = commit.parts.size();
        if (commit.unprepared == 0) {
            resolve(commit, null);
            return;
        }
        for (Part part : List.copyOf(commit.parts)) {
            shard.post(part.home, new Post.Prepare(part));
        }
    }

    /// Messages of one queue leave it and come to the dead letters, or stay.
    ///
    /// @param letters one for each
    void bury(List<Entry> entries, List<Message> letters, Journal.Then then) {
        Request request = new Request(null, null, null, index, index, 0, 0);
        Commit commit = new Commit(request, 0, entries, then);
        for (Message letter : letters) {
            commit.part(shard.home(letter.destination())).sends.add(letter);
        }
        start(commit);
    }

    /// One home shard has answered.
    void prepared(Part part, @Nullable Refusal refusal) {
        Commit commit = part.commit;
        part.prepared = refusal == null;
        if (commit.refusal == null && !part.ofLetters) {
            commit.refusal = refusal;
        }
        if (--commit.unprepared > 0) {
            return;
        }
        if (commit.refusal != null) {
            resolve(commit, commit.refusal);
        } else if (commit.lettersPrepared || !prepareLetters(commit)) {
            store(commit);
        }
    }

    /// Answers whether there are any.
    private boolean prepareLetters(Commit commit) {
        commit.lettersPrepared = true;
        for (Part part : List.copyOf(commit.parts)) {
            for (Message letter : part.letters) {
                commit.part(shard.home(letter.destination()), true).sends.add(letter);
            }
        }
        List<Part> letters = commit.parts.stream().filter(part -> part.ofLetters).toList();
        commit.unprepared = letters.size();
        for (Part part : letters) {
            shard.post(part.home, new Post.Prepare(part));
        }
        return !letters.isEmpty();
    }

    private void store(Commit commit) {
        List<Journal.Change> changes = changes(commit);
        if (changes.isEmpty()) {
            resolve(commit, null);
        } else {
            queues.append(changes, failure -> resolve(commit, failure));
        }
    }

    private static List<Journal.Change> changes(Commit commit) {
        List<Journal.Change> changes = new ArrayList<>();
        for (Part part : commit.parts) {
            if (part.prepared) {
                changes.addAll(part.changes);
            }
        }
        changes.addAll(Settlements.removals(commit.buried));
        return changes;
    }

    /// It is certain what becomes of it.
    private void resolve(Commit commit, @Nullable Refusal refusal) {
        Request request = commit.request();
        memory.give(commit.bytes);
        if (refusal == null) {
            countLetters(commit);
        }
        List<Part> parts = new ArrayList<>(commit.parts);
        parts.removeIf(part -> !part.prepared);
        request.unanswered += 1 + parts.size();
        if (refusal == null) {
            for (Part part : parts) {
                request.unanswered += part.places.size();
            }
            request.unanswered += commit.applicationSends.size();
        }
        for (Part part : parts) {
            shard.post(part.home, new Post.Resolve(part, refusal));
        }
        if (refusal == null) {
            for (Message message : commit.applicationSends) {
                shard.toApplication(message, request);
            }
        }
        if (commit.thenBuried != null) {
            settlements.deadLetters().buried(commit.buried, commit.thenBuried, refusal);
        }
        shard.answer(request, refusal);
    }

    private void countLetters(Commit commit) {
        for (Part part : commit.parts) {
            if (part.ofLetters && part.prepared) {
                shard.counters.deadLetters += part.sends.size();
            } else if (part.ofLetters) {
                shard.counters.rejected += part.sends.size();
            }
        }
    }

    // --- As a home shard ---

    void prepare(Part part) {
        boolean done = false;
        try {
            for (Message message : part.sends) {
                if (part.refusal == null) {
                    part.refuse(prepare(message, part));
                }
            }
            for (Part.Promise promise : part.promises) {
                if (part.refusal == null) {
                    part.refuse(settlements.prepare(promise, part));
                }
            }
            done = true;
        } finally {
            if (!done) {
                part.refuse(
                        new Refusal(Disconnect.INTERNAL_ERROR, "a commit could not be prepared"));
            }
            read(part);
        }
    }

    /// The part has what it waited for.
    void read(Part part) {
        if (--part.unread > 0) {
            return;
        }
        if (part.refusal != null) {
            undo(part);
        }
        shard.post(part.commit.request().origin, new Post.Prepared(part, part.refusal));
    }

    private @Nullable Refusal prepare(Message message, Part part) {
        String id = message.options().dedupId();
        if (id == null) {
            return place(message, part);
        }
        DedupWindows.Place found = dedup.prepare(message, id, part);
        DedupWindow.First first = found.first();
        return first == null ? found.refusal() : place(message, first, part);
    }

    /// Its id is known when the message has arrived, and not if it never does.
    private @Nullable Refusal place(Message message, DedupWindow.First first, Part part) {
        part.undo.add(() -> dedup.settled(first, NOT_DONE));
        int places = part.places.size();
        int changes = part.changes.size();
        Refusal refusal = place(message, part);
        if (part.changes.size() > changes) {
            part.changes.add(first.store());
        }
        if (part.places.size() > places) {
            part.places.getLast().afterwards(() -> dedup.settled(first, null));
        } else if (refusal == null) {
            part.undo.removeLast();
            dedup.settled(first, NOT_DONE);
        }
        return refusal;
    }

    private @Nullable Refusal place(Message message, Part part) {
        return DestinationName.isQueue(message.destination())
                ? queues.prepare(message, part)
                : topics.prepare(message, part);
    }

    void resolve(Part part, @Nullable Refusal refusal) {
        if (refusal == null) {
            part.places.forEach(Places.Place::keep);
            part.settling.forEach(settlements::settle);
            give(part.bytesRead);
        } else {
            undo(part);
        }
        shard.answer(part.commit.request(), null);
    }

    /// The last first, so that what goes back finds its place.
    private void undo(Part part) {
        give(part.bytesRead);
        for (int i = part.undo.size() - 1; i >= 0; i--) {
            part.undo.get(i).run();
        }
        part.undo.clear();
    }
}
