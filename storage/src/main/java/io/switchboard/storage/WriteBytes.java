package io.switchboard.storage;

import io.switchboard.broker.Journal;
import io.switchboard.broker.Journal.Change;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Changes in the form in which RocksDB takes a whole batch at once: handed over in one call, where
/// its own interface takes one call a change. The form is that of its log, and so it is stable:
///
/// ```
/// sequence (8 bytes, 0), count (4 bytes), both little-endian
/// 1, key, value        put; key, value and end have a varint in front for their length
/// 0, key               delete
/// 15, key, end         delete all from a key on, up to another one
/// ```
///
/// Messages that are removed one by one come last. A message is put under a key that rises, and the
/// memory table takes rising keys fastest; each removal in between made it search anew. Of a put
/// and a delete of 190 bytes it saved a quarter of 2.2 µs. Nothing minds: what is removed was put
/// by an earlier batch, and no key is put twice.
///
/// Not for several threads.
final class WriteBytes {
    private static final int HEADER_LENGTH = 12;
    private static final int COUNT_AT = 8;
    private static final int DELETE = 0x0;
    private static final int PUT = 0x1;
    private static final int DELETE_RANGE = 0xF;

    /// Messages removed up to a place, beyond which they are removed as a range.
    private static final int FEW = 64;

    /// Homes of which it is known up to where they were removed.
    private static final int HOMES_MAX = 4_096;

    private final Keys keys = new Keys();
    private final Bytes bytes;
    private final Bytes value = new Bytes(1 << 10);

    /// Messages removed one by one, as changes.
    private final Bytes removed = new Bytes(1 << 10);

    private int count;

    /// Messages removed one by one, and ranges.
    private int removals;

    private final List<Clearing.KeyRange> ranges = new ArrayList<>();

    /// Up to where messages were removed last, by home: history moves on by few at a time, and few
    /// are cheaper removed one by one than as a range.
    private final Map<String, Change.RemoveThrough> through = new HashMap<>();

    /// Before the last batch.
    private int lengthBefore;

    private int removedBefore;
    private int countBefore;

    WriteBytes(int capacity) {
        bytes = new Bytes(capacity);
        clear();
    }

    void clear() {
        bytes.clear();
        removed.clear();
        bytes.putLong(0);
        bytes.putBytes(new byte[HEADER_LENGTH - COUNT_AT]);
        count = 0;
        removals = 0;
        ranges.clear();
    }

    boolean isEmpty() {
        return count == 0;
    }

    int length() {
        return bytes.length() + removed.length();
    }

    /// Appends all changes of a batch or, if it throws, none.
    void add(Journal.Batch batch) {
        lengthBefore = bytes.length();
        removedBefore = removed.length();
        countBefore = count;
        boolean done = false;
        try {
            for (Change change : batch.changes()) {
                add(change);
            }
            done = true;
        } finally {
            if (!done) {
                takeBack();
            }
        }
    }

    /// Takes the last batch back.
    void takeBack() {
        bytes.cut(lengthBefore);
        removed.cut(removedBefore);
        count = countBefore;
        forgetPlaces();
    }

    /// What was removed up to a place may not have been.
    void forgetPlaces() {
        through.clear();
    }

    int removals() {
        return removals;
    }

    List<Clearing.KeyRange> ranges() {
        return List.copyOf(ranges);
    }

    private void add(Change change) {
        switch (change) {
            case Change.Put it -> {
                value.clear();
                StoredRecord.write(it, value);
                put(keys.message(it.home(), it.message().epoch(), it.message().sequence()));
            }
            case Change.Remove it ->
                    delete(keys.message(it.home(), it.epoch(), it.sequence()), removed);
            case Change.RemoveThrough it -> removeThrough(it);
            case Change.Set it -> {
                value.clear();
                value.putBytes(it.value());
                put(keys.value(it.home(), it.name()));
            }
            case Change.Unset it -> delete(keys.value(it.home(), it.name()), bytes);
        }
    }

    private void removeThrough(Change.RemoveThrough to) {
        Change.RemoveThrough before = through.get(to.home());
        long more = before == null ? -1 : to.sequence() - before.sequence();
        if (before != null && before.epoch() == to.epoch() && more >= 0 && more <= FEW) {
            for (long i = before.sequence() + 1; i <= to.sequence(); i++) {
                delete(keys.message(to.home(), to.epoch(), i), bytes);
            }
        } else {
            byte[] from = keys.messages(to.home());
            byte[] behind = keys.behind(to.home(), to.epoch(), to.sequence());
            deleteRange(from, behind);
            ranges.add(new Clearing.KeyRange(from, behind));
        }
        if (through.size() >= HOMES_MAX) {
            through.clear();
        }
        through.put(to.home(), to);
    }

    private void put(byte[] key) {
        put(key, value.array(), value.length());
    }

    void put(byte[] key, byte[] itsValue, int length) {
        bytes.putByte(PUT);
        text(key, key.length, bytes);
        text(itsValue, length, bytes);
        count++;
    }

    private void delete(byte[] key, Bytes to) {
        to.putByte(DELETE);
        text(key, key.length, to);
        count++;
        removals++;
    }

    private void deleteRange(byte[] from, byte[] to) {
        bytes.putByte(DELETE_RANGE);
        text(from, from.length, bytes);
        text(to, to.length, bytes);
        count++;
    }

    private static void text(byte[] text, int length, Bytes to) {
        to.putVarint(length);
        to.putBytes(text, 0, length);
    }

    /// How many texts a change of that kind has.
    static int texts(int kind) {
        return switch (kind) {
            case PUT, DELETE_RANGE -> 2;
            case DELETE -> 1;
            default -> throw new BadRecord("a change of kind " + kind);
        };
    }

    /// The whole of it; nothing can be added any more.
    byte[] finished() {
        bytes.putBytes(removed.array(), 0, removed.length());
        removed.clear();
        for (int i = 0; i < Integer.BYTES; i++) {
            bytes.array()[COUNT_AT + i] = (byte) (count >>> 8 * i);
        }
        return bytes.copy();
    }
}
