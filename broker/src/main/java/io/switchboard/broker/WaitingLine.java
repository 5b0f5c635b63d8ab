package io.switchboard.broker;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The messages of a queue that may be delivered: higher priorities first, and within one in the
/// order of their arrival; what comes back goes to its old place. Owned by the queue's shard.
///
/// Each priority has a list of its entries, linked through them, so that adding, taking and
/// removing cost the same however long it is. What comes back behind entries that were passed over
/// (by selectors) goes to a tree beside the list; the first of both is the first.
final class WaitingLine {
    private static final int LEVELS = SendOptions.PRIORITY_MAX + 1;

    /// One priority.
    private static final class Level {
        @Nullable Entry head;
        @Nullable Entry tail;
        @Nullable TreeMap<Long, Entry> putBack;

        @Nullable Entry firstPutBack() {
            Map.Entry<Long, Entry> first = putBack == null ? null : putBack.firstEntry();
            return first == null ? null : first.getValue();
        }

        @Nullable Entry first() {
            return earlier(head, firstPutBack());
        }
    }

    /// How far somebody with a selector has looked: what stands before it in the lists does not
    /// match.
    static final class Cursor {
        final Selector selector;

        /// By priority: the first entry of the list not looked at; null at the end.
        private final @Nullable Entry[] next = new @Nullable Entry[LEVELS];

        /// The same for what was put back: its order is above this.
        private final long[] passed = new long[LEVELS];

        /// How many more are looked at before somebody else has his turn.
        private int left;

        /// What it comes to next, and cannot look at.
        private @Nullable Entry missing;

        Cursor(Selector selector) {
            this.selector = selector;
        }

        /// Whether [WaitingLine#first] found nothing because it had looked at enough for one turn.
        boolean unfinished() {
            return left == 0;
        }

        /// The stub that [WaitingLine#first] came to, and so found nothing; or null.
        @Nullable Entry missing() {
            return missing;
        }

        /// Whether it looks no further than this one: it matches, or cannot be looked at now.
        private boolean stopsAt(Entry entry) {
            if (left == 0 || entry.stub()) {
                return true;
            }
            left--;
            return selector.matches(entry.message(), entry.arrivedMillis);
        }
    }

    /// Entries that one search looks at: some 10 to 400 µs of a shard's time.
    private static final int LOOKED_AT_MAX = 1_000;

    private final @Nullable Level[] levels = new @Nullable Level[LEVELS];
    private @Nullable List<Cursor> cursors;
    private int count;

    int count() {
        return count;
    }

    boolean empty() {
        return count == 0;
    }

    /// Behind all others of its priority; its order is above theirs.
    void add(Entry entry) {
        Level level = level(entry.priority());
        entry.state = Entry.State.WAITING;
        entry.putBack = false;
        entry.previous = level.tail;
        entry.next = null;
        if (level.tail == null) {
            level.head = entry;
        } else {
            level.tail.next = entry;
        }
        level.tail = entry;
        count++;
        if (cursors != null) {
            for (Cursor cursor : cursors) {
                if (cursor.next[entry.priority()] == null) {
                    cursor.next[entry.priority()] = entry;
                }
            }
        }
    }

    /// To its old place.
    void putBack(Entry entry) {
        Level level = level(entry.priority());
        entry.state = Entry.State.WAITING;
        count++;
        Entry head = level.head;
        TreeMap<Long, Entry> tree = level.putBack;
        boolean beforeAll =
                cursors == null
                        && (head == null || entry.order < head.order)
                        && (tree == null || tree.isEmpty() || entry.order > tree.lastKey());
        if (beforeAll) {
            entry.putBack = false;
            entry.previous = null;
            entry.next = head;
            level.head = entry;
            if (head == null) {
                level.tail = entry;
            } else {
                head.previous = entry;
            }
        } else {
            if (tree == null) {
                tree = new TreeMap<>();
                level.putBack = tree;
            }
            entry.putBack = true;
            tree.put(entry.order, entry);
            lookAgainAt(entry);
        }
    }

    private void lookAgainAt(Entry entry) {
        if (cursors != null) {
            for (Cursor cursor : cursors) {
                long[] passed = cursor.passed;
                passed[entry.priority()] = Math.min(passed[entry.priority()], entry.order - 1);
            }
        }
    }

    /// Out of the line, wherever it stands.
    void remove(Entry entry) {
        Level level = level(entry.priority());
        count--;
        TreeMap<Long, Entry> tree = level.putBack;
        if (entry.putBack && tree != null) {
            tree.remove(entry.order);
            if (tree.isEmpty()) {
                level.putBack = null;
            }
            return;
        }
        if (cursors != null) {
            for (Cursor cursor : cursors) {
                if (cursor.next[entry.priority()] == entry) {
                    cursor.next[entry.priority()] = entry.next;
                }
            }
        }
        if (entry.previous == null) {
            level.head = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next == null) {
            level.tail = entry.previous;
        } else {
            entry.next.previous = entry.previous;
        }
        entry.previous = null;
        entry.next = null;
    }

    /// Who is first, or null.
    @Nullable Entry first() {
        for (int i = LEVELS - 1; i >= 0 && count > 0; i--) {
            Level level = levels[i];
            Entry first = level == null ? null : level.first();
            if (first != null) {
                return first;
            }
        }
        return null;
    }

    /// The first of those that were sent to a destination, or null. Looks at all before it.
    @Nullable Entry firstOf(String destination) {
        for (int i = LEVELS - 1; i >= 0 && count > 0; i--) {
            Level level = levels[i];
            if (level != null) {
                Entry first = earlier(inList(level, destination), inTree(level, destination));
                if (first != null) {
                    return first;
                }
            }
        }
        return null;
    }

    private static @Nullable Entry inList(Level level, String destination) {
        Entry entry = level.head;
        while (entry != null && !entry.message().destination().equals(destination)) {
            entry = entry.next;
        }
        return entry;
    }

    private static @Nullable Entry inTree(Level level, String destination) {
        if (level.putBack != null) {
            for (Entry entry : level.putBack.values()) {
                if (entry.message().destination().equals(destination)) {
                    return entry;
                }
            }
        }
        return null;
    }

    // --- Selectors ---

    Cursor open(Selector selector) {
        Cursor cursor = new Cursor(selector);
        for (int i = 0; i < LEVELS; i++) {
            Level level = levels[i];
            cursor.next[i] = level == null ? null : level.head;
        }
        if (cursors == null) {
            cursors = new ArrayList<>(2);
        }
        cursors.add(cursor);
        return cursor;
    }

    void close(Cursor cursor) {
        if (cursors != null) {
            cursors.remove(cursor);
            if (cursors.isEmpty()) {
                cursors = null;
            }
        }
    }

    /// The first that matches, or null; then [Cursor#unfinished] says whether to go on looking
    /// later. What does not match is looked at once per cursor.
    @Nullable Entry first(Cursor cursor) {
        cursor.left = LOOKED_AT_MAX;
        cursor.missing = null;
        for (int i = LEVELS - 1; i >= 0 && count > 0; i--) {
            Level level = levels[i];
            if (level == null) {
                continue;
            }
            Entry first = earlier(firstListed(cursor, i), firstPutBack(level, cursor, i));
            if (cursor.unfinished()) {
                return null;
            }
            if (first != null && first.stub()) {
                cursor.missing = first;
                return null;
            }
            if (first != null) {
                return first;
            }
        }
        return null;
    }

    private static @Nullable Entry firstListed(Cursor cursor, int level) {
        Entry entry = cursor.next[level];
        while (entry != null && !cursor.stopsAt(entry)) {
            entry = entry.next;
        }
        cursor.next[level] = entry;
        return entry;
    }

    private static @Nullable Entry firstPutBack(Level level, Cursor cursor, int index) {
        TreeMap<Long, Entry> tree = level.putBack;
        if (tree == null) {
            return null;
        }
        for (Entry entry : tree.tailMap(cursor.passed[index], false).values()) {
            if (cursor.stopsAt(entry)) {
                return entry;
            }
            cursor.passed[index] = entry.order;
        }
        return null;
    }

    // --- All of them ---

    /// In the order of delivery.
    void forEach(Consumer<Entry> action) {
        forEachWhile(entry -> {
            action.accept(entry);
            return true;
        });
    }

    /// The same, as long as the answer is true.
    void forEachWhile(Predicate<Entry> action) {
        for (int i = LEVELS - 1; i >= 0; i--) {
            Level level = levels[i];
            if (level != null && !forEachWhile(level, action)) {
                return;
            }
        }
    }

    private static boolean forEachWhile(Level level, Predicate<Entry> action) {
        Iterator<Entry> aside =
                level.putBack == null
                        ? Collections.emptyIterator()
                        : level.putBack.values().iterator();
        Entry back = aside.hasNext() ? aside.next() : null;
        Entry entry = level.head;
        while (entry != null || back != null) {
            Entry first;
            if (entry == null || back != null && back.order < entry.order) {
                first = back;
                back = aside.hasNext() ? aside.next() : null;
            } else {
                first = entry;
                entry = entry.next;
            }
            if (first == null || !action.test(first)) {
                return false;
            }
        }
        return true;
    }

    /// This one and what stands behind it where it stands, as long as the answer is true.
    void forEachFrom(Entry first, Predicate<Entry> action) {
        Level level = level(first.priority());
        if (first.putBack) {
            if (level.putBack != null) {
                for (Entry entry : level.putBack.tailMap(first.order, true).values()) {
                    if (!action.test(entry)) {
                        return;
                    }
                }
            }
            return;
        }
        for (Entry entry = first; entry != null && action.test(entry); ) {
            entry = entry.next;
        }
    }

    private static @Nullable Entry earlier(@Nullable Entry x, @Nullable Entry y) {
        if (x == null) {
            return y;
        }
        return y == null || x.order < y.order ? x : y;
    }

    private Level level(int priority) {
        Level level = levels[priority];
        if (level == null) {
            level = new Level();
            levels[priority] = level;
        }
        return level;
    }
}
