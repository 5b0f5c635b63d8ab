package io.switchboard.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The dedup ids of one destination: of what is under way, and of what came in lately. Owned by its
/// home shard.
final class DedupWindow {
    final String destination;
    private final Map<String, First> underWay = new HashMap<>(2);

    /// The oldest first.
    private final LinkedHashMap<String, Known> known = new LinkedHashMap<>();

    DedupWindow(String destination) {
        this.destination = destination;
    }

    /// An id whose message came in.
    ///
    /// @param id with whose it is
    /// @param durable whether the journal has it
    record Known(DedupWindow window, String id, long atMillis, boolean durable) {
        private static final long COST = 240;

        /// What it is charged with: its text twice, in case the journal is to forget it.
        long cost() {
            return COST + 4L * id.length();
        }

        /// Names this use of the id, so that forgetting it can never hit a later one.
        String name() {
            return Long.toString(atMillis, Character.MAX_RADIX) + ' ' + id;
        }

        Journal.Change stored() {
            return new Journal.Change.Set(home(), name(), new byte[0]);
        }

        Journal.Change forgotten() {
            return new Journal.Change.Unset(home(), name());
        }

        private String home() {
            return DedupWindows.HOME + window.destination;
        }

        /// Two are one only if they are the same.
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /// A message whose id was not known, on its way, and those with the same id that came after it.
    static final class First {
        final DedupWindow window;
        final String id;
        final long atMillis;

        /// The commit that it is part of, or null.
        final @Nullable Commit commit;

        private boolean durable;
        private final List<Post.Publish> later = new ArrayList<>(0);

        private First(DedupWindow window, String id, long atMillis, @Nullable Commit commit) {
            this.window = window;
            this.id = id;
            this.atMillis = atMillis;
            this.commit = commit;
        }

        /// What is to be stored together with its message.
        Journal.Change store() {
            durable = true;
            return known().stored();
        }

        private Known known() {
            return new Known(window, id, atMillis, durable);
        }

        void add(Post.Publish duplicate) {
            later.add(duplicate);
        }
    }

    boolean empty() {
        return underWay.isEmpty() && known.isEmpty();
    }

    int count() {
        return known.size();
    }

    @Nullable First underWay(String id) {
        return underWay.get(id);
    }

    /// Null if it never came in, or is forgotten.
    @Nullable Known known(String id) {
        return known.get(id);
    }

    First begin(String id, long atMillis, @Nullable Commit commit) {
        First first = new First(this, id, atMillis, commit);
        underWay.put(id, first);
        return first;
    }

    /// It came in.
    Known keep(First first) {
        Known known = first.known();
        add(known);
        return known;
    }

    /// Behind all others, also if an old use of the id is still there.
    void add(Known id) {
        known.remove(id.id());
        known.put(id.id(), id);
    }

    /// Those that were waiting for what becomes of it.
    List<Post.Publish> end(First first) {
        underWay.remove(first.id, first);
        return first.later;
    }

    void forget(Known id) {
        known.remove(id.id(), id);
    }

    @Nullable Known oldest() {
        Iterator<Known> all = known.values().iterator();
        return all.hasNext() ? all.next() : null;
    }
}
