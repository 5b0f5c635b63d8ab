package io.switchboard.broker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tells messages that were sent before: those with a dedup id that the same user has used for the
/// same destination lately. The first is delivered; a later one is not, and is answered when the
/// first has come in. If the first fails, the next one is a first.
///
/// What an id stands for ends with its message's arrival: an id is remembered for a time, so many
/// of each destination, and so many bytes of all; beyond that the oldest go. Where the message is
/// stored its id is, in the same batch; ids that go are taken out of the journal some at a time.
///
/// Owned by the shard that is home to the destinations.
final class DedupWindows {
    /// What the journal's homes of ids begin with.
    static final String HOME = "dedup:";

    /// So many that are to leave the journal wait for each other.
    private static final int LEAVING_MAX = 256;

    /// The time is looked at so much more rarely than ids come.
    private static final int SWEEPS_PER_WINDOW = 8;

    private final Shard shard;
    private final DedupLimits limits;
    private final long bytesMax;
    private final Map<String, DedupWindow> windows = new HashMap<>();

    /// Of all destinations, the oldest first.
    private final LinkedHashSet<DedupWindow.Known> all = new LinkedHashSet<>();

    private long bytes;
    private boolean sweepAsked;

    /// What the journal still has.
    private List<Journal.Change> leaving = new ArrayList<>();

    /// As the journal gives them back.
    private List<DedupWindow.Known> restored = new ArrayList<>();

    DedupWindows(Shard shard, int count) {
        this.shard = shard;
        limits = shard.limits.dedup();
        bytesMax = Math.max(1, limits.bytes() / count);
    }

    /// What they are charged with.
    long bytesHeld() {
        return bytes;
    }

    int idCount() {
        return all.size();
    }

    // --- One message ---

    /// Whether it was sent before; then its request is answered now or later.
    boolean duplicate(Message message, Request request) {
        String id = message.options().dedupId();
        if (id == null) {
            return false;
        }
        DedupWindow window = window(message.destination());
        String whose = whose(request, id);
        DedupWindow.First underWay = window.underWay(whose);
        if (underWay != null) {
            underWay.add(new Post.Publish(message, request));
            return true;
        }
        if (knows(window, whose)) {
            shard.counters.duplicates++;
            shard.answer(request, null);
            return true;
        }
        request.first = window.begin(whose, shard.epochMillis(), null);
        return false;
    }

    /// Users do not know of each other's ids; all who have no name share theirs.
    private static String whose(Request request, String id) {
        return (request.user == null ? "" : DestinationName.encode(request.user)) + '/' + id;
    }

    private DedupWindow window(String destination) {
        return windows.computeIfAbsent(destination, DedupWindow::new);
    }

    private boolean knows(DedupWindow window, String id) {
        DedupWindow.Known known = window.known(id);
        return known != null && !old(known);
    }

    private boolean old(DedupWindow.Known known) {
        return shard.epochMillis() - known.atMillis() >= limits.windowMillis();
    }

    /// The way of a first is over.
    ///
    /// @param failure null if it came in
    void settled(DedupWindow.First first, @Nullable Refusal failure) {
        DedupWindow window = first.window;
        List<Post.Publish> later = window.end(first);
        if (failure == null) {
            shard.counters.duplicates += later.size();
            remember(window.keep(first));
            later.forEach(duplicate -> shard.answer(duplicate.request(), null));
        } else {
            forgetIfEmpty(window);
            later.forEach(shard::receive);
        }
    }

    // --- As a part of a commit ---

    /// Whether a commit is to bring the message, or why it cannot be said.
    ///
    /// @param first null if it was sent before
    record Place(DedupWindow.@Nullable First first, @Nullable Refusal refusal) {}

    /// What is under way elsewhere is not waited for: two commits might wait for each other.
    Place prepare(Message message, String id, Part part) {
        DedupWindow window = window(message.destination());
        String whose = whose(part.commit.request(), id);
        DedupWindow.First underWay = window.underWay(whose);
        if (underWay != null && underWay.commit != part.commit) {
            return new Place(
                    null,
                    new Refusal(
                            Disconnect.DUPLICATE_UNDER_WAY,
                            "the message with the dedup id "
                                    + id
                                    + " is being sent already; commit again"));
        }
        if (underWay != null || knows(window, whose)) {
            shard.counters.duplicates++;
            return new Place(null, null);
        }
        return new Place(window.begin(whose, shard.epochMillis(), part.commit), null);
    }

    // --- What is remembered ---

    private void remember(DedupWindow.Known known) {
        all.add(known);
        bytes += known.cost();
        DedupWindow window = known.window();
        for (DedupWindow.Known oldest = window.oldest();
                oldest != null && window.count() > limits.ids();
                oldest = window.oldest()) {
            forget(oldest);
        }
        while (bytes > bytesMax) {
            forget(all.iterator().next());
        }
        askForSweep();
    }

    private void forget(DedupWindow.Known known) {
        known.window().forget(known);
        if (all.remove(known)) {
            bytes -= known.cost();
            if (known.durable()) {
                leave(known.forgotten());
            }
        }
        forgetIfEmpty(known.window());
    }

    private void forgetIfEmpty(DedupWindow window) {
        if (window.empty()) {
            windows.remove(window.destination, window);
        }
    }

    // --- The journal ---

    private void leave(Journal.Change change) {
        leaving.add(change);
        if (leaving.size() >= LEAVING_MAX) {
            flush();
        }
    }

    /// What the journal cannot forget now it may forget when it is read the next time.
    private void flush() {
        if (!leaving.isEmpty()) {
            List<Journal.Change> changes = leaving;
            leaving = new ArrayList<>();
            shard.queues().append(changes, failure -> {});
        }
    }

    // --- What outlived the last process ---

    Journal.Restoring restoring() {
        return new Journal.Restoring() {
            @Override
            public void value(String home, String name, byte[] value) {
                restore(home, name);
            }

            @Override
            public void message(String home, Journal.StoredMessage stored) {
                throw new IllegalStateException("expected no messages in " + home);
            }
        };
    }

    private void restore(String home, String name) {
        String destination = home.substring(HOME.length());
        int space = name.indexOf(' ');
        restored.add(
                new DedupWindow.Known(
                        windows.computeIfAbsent(destination, DedupWindow::new),
                        name.substring(space + 1),
                        Long.parseLong(name, 0, space, Character.MAX_RADIX),
                        true));
    }

    /// Takes them in the order of their age, whatever that of the journal.
    void restored() {
        List<DedupWindow.Known> taken = restored;
        restored = new ArrayList<>();
        taken.sort(Comparator.comparingLong(DedupWindow.Known::atMillis));
        for (DedupWindow.Known known : taken) {
            windows.putIfAbsent(known.window().destination, known.window());
            known.window().add(known);
            remember(known);
        }
        sweep();
    }

    // --- Time ---

    private void askForSweep() {
        if (!sweepAsked && !all.isEmpty()) {
            sweepAsked = true;
            long slack = limits.windowMillis() / SWEEPS_PER_WINDOW;
            long next = all.iterator().next().atMillis() + limits.windowMillis() + slack;
            shard.wakeBy(Math.max(next, shard.epochMillis() + 1));
        }
    }

    /// The shard's moment has come, which may be somebody else's.
    void onDeadline() {
        sweepAsked = false;
        sweep();
    }

    private void sweep() {
        for (Iterator<DedupWindow.Known> oldest = all.iterator(); oldest.hasNext(); ) {
            DedupWindow.Known known = oldest.next();
            if (!old(known)) {
                break;
            }
            oldest.remove();
            bytes -= known.cost();
            known.window().forget(known);
            forgetIfEmpty(known.window());
            if (known.durable()) {
                leave(known.forgotten());
            }
        }
        flush();
        askForSweep();
    }
}
