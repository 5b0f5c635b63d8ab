package io.switchboard.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The part of a queue's line that is in memory though the journal has it: what came when there was
/// room, and what was read because it is the next to be delivered, or to be looked at by a
/// selector. It is read ahead of the consumers while they have less than half of it before them.
/// Owned by the queue's home shard.
final class Window {
    private final Queue queue;
    private final Queues home;
    private final Backlog backlog;

    /// Of the waiting messages that are durable and here.
    private long bytes;

    /// Stubs that wait.
    private int stubs;

    private int reads;

    /// The last read failed, and the next one has its time.
    private boolean pausing;

    /// There are stubs, and none near the head.
    private boolean noneNear;

    Window(Queue queue, Queues home) {
        this.queue = queue;
        this.home = home;
        backlog = home.backlog();
    }

    // --- What is in it ---

    /// It stands in the line now.
    void entered(Entry entry) {
        if (entry.stub()) {
            stubs++;
        } else if (entry.durable) {
            change(entry.cost);
        }
    }

    /// It stands there no more.
    void left(Entry entry) {
        if (entry.stub()) {
            stubs--;
        } else if (entry.durable) {
            change(-entry.cost);
        }
    }

    private void change(int by) {
        bytes += by;
        backlog.windowChanged(by);
    }

    /// It has just been stored, and nobody wanted it at once.
    void arrived(Entry entry) {
        if (entry.state == Entry.State.WAITING
                && entry.durable
                && !entry.stub()
                && (entry.chargedAsStub || bytes > backlog.window() || backlog.room() < 0)) {
            letGoWaiting(entry);
        }
    }

    private void letGoWaiting(Entry entry) {
        change(-entry.cost);
        stubs++;
        backlog.letGo(entry);
    }

    // --- Reading ---

    /// Somebody could have this stub, or look at it.
    void need(Entry stub) {
        if (!stub.reading && !pausing) {
            noneNear = false;
            Backlog.Wish wish = new Backlog.Wish(Math.max(backlog.page(), room()));
            queue.line.forEachFrom(stub, wish::add);
            read(wish.stubs);
        }
    }

    private long room() {
        return Math.min(backlog.window() - bytes, backlog.room());
    }

    /// Reads on, if that may soon be needed.
    void ahead() {
        if (stubs == 0
                || reads > 0
                || pausing
                || noneNear
                || bytes >= backlog.window() / 2
                || room() < backlog.page()) {
            return;
        }
        Backlog.Wish wish = new Backlog.Wish(room());
        queue.line.forEachWhile(wish::add);
        noneNear = wish.stubs.isEmpty();
        if (!noneNear) {
            read(wish.stubs);
        }
    }

    private void read(List<Entry> missing) {
        for (Entry stub : missing) {
            stub.reading = true;
        }
        reads++;
        backlog.read(
                missing,
                (messages, failure) -> {
                    reads--;
                    for (Entry stub : missing) {
                        stub.reading = false;
                    }
                    if (failure == null) {
                        bringBack(missing, messages);
                    } else if (!pausing) {
                        pausing = true;
                        backlog.later(this::goOn);
                    }
                });
    }

    private void goOn() {
        pausing = false;
        queue.dispatch();
        home.forgetIfIdle(queue);
    }

    /// Whoever waited for it has it in the same turn; what is too much then goes again.
    private void bringBack(List<Entry> missing, List<@Nullable Message> messages) {
        for (int i = 0; i < missing.size(); i++) {
            Entry stub = missing.get(i);
            Message message = messages.get(i);
            if (stub.state != Entry.State.WAITING || !stub.stub()) {
                continue;
            }
            if (message == null) {
                queue.lost(stub);
            } else {
                stubs--;
                backlog.bringBack(stub, message);
                change(stub.cost);
            }
        }
        queue.dispatch();
        for (Entry entry : missing) {
            boolean tooMuch =
                    bytes > backlog.window() + backlog.page() || backlog.room() < -backlog.page();
            if (tooMuch && entry.state == Entry.State.WAITING && !entry.stub()) {
                letGoWaiting(entry);
            }
        }
        home.forgetIfIdle(queue);
    }
}
