package io.switchboard.storage;

import io.switchboard.broker.Headers;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Message;
import io.switchboard.broker.SendOptions;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// A message as it lies in the store:
///
/// ```
/// version, flags, priority            a byte each
/// cost, arrived, expires, due         varints; what a queue has to know, cheap to read
/// expires, ttl, delay                 varints, as the publisher asked
/// [key] [dedup-id] [destination]      texts, where the flags say so
/// header count, names and values      varint, texts
/// body                                varint, bytes
/// ```
///
/// A reader of one record after another, good until the next [#read]. Not for several threads.
final class StoredRecord implements Journal.StoredMessage {
    private static final int VERSION = 1;

    private static final int UTF8 = 1;
    private static final int PERSISTENT = 1 << 1;
    private static final int REMOVED = 1 << 2;
    private static final int WHILE_CONNECTED = 1 << 3;
    private static final int KEY = 1 << 4;
    private static final int DEDUP_ID = 1 << 5;

    /// Else it is the name of the home.
    private static final int DESTINATION = 1 << 6;

    private static final int FLAGS = (1 << 7) - 1;

    private String home = "";
    private long epoch;
    private long sequence;
    private int flags;
    private int priority;
    private long cost;
    private long arrivedMillis;
    private long expiresMillis;
    private long dueMillis;

    /// Behind what was read of it.
    private ByteBuffer rest = ByteBuffer.allocate(0);

    // --- Writing ---

    static void write(Journal.Change.Put put, Bytes to) {
        Message message = put.message();
        SendOptions options = message.options();
        String key = options.key();
        String dedupId = options.dedupId();
        boolean elsewhere = !message.destination().equals(put.home());
        to.putByte(VERSION);
        to.putByte(
                flag(message.utf8(), UTF8)
                        | flag(options.persistent(), PERSISTENT)
                        | flag(options.removed(), REMOVED)
                        | flag(options.whileConnected(), WHILE_CONNECTED)
                        | flag(key != null, KEY)
                        | flag(dedupId != null, DEDUP_ID)
                        | flag(elsewhere, DESTINATION));
        to.putByte(options.priority());
        to.putVarint(message.cost());
        to.putVarint(put.arrivedMillis());
        to.putVarint(put.expiresMillis());
        to.putVarint(put.dueMillis());
        to.putVarint(options.expiresMillis());
        to.putVarint(options.ttlMillis());
        to.putVarint(options.delayMillis());
        if (key != null) {
            to.putText(key);
        }
        if (dedupId != null) {
            to.putText(dedupId);
        }
        if (elsewhere) {
            to.putText(message.destination());
        }
        Headers headers = message.headers();
        to.putVarint(headers.count());
        for (int i = 0; i < headers.count(); i++) {
            to.putText(headers.name(i));
            to.putText(headers.value(i));
        }
        to.putVarint(message.body().length);
        to.putBytes(message.body());
    }

    private static int flag(boolean set, int flag) {
        return set ? flag : 0;
    }

    // --- Reading ---

    /// Takes in what stands at the front.
    StoredRecord read(String itsHome, long itsEpoch, long itsSequence, byte[] value) {
        home = itsHome;
        epoch = itsEpoch;
        sequence = itsSequence;
        rest = ByteBuffer.wrap(value);
        try {
            int version = rest.get();
            if (version != VERSION) {
                throw new BadRecord("a message of version " + version);
            }
            flags = rest.get();
            priority = rest.get();
            if ((flags & ~FLAGS) != 0 || priority < 0 || priority > SendOptions.PRIORITY_MAX) {
                throw new BadRecord("flags " + flags + ", priority " + priority);
            }
            cost = Bytes.varint(rest);
            arrivedMillis = Bytes.varint(rest);
            expiresMillis = Bytes.varint(rest);
            dueMillis = Bytes.varint(rest);
        } catch (BufferUnderflowException e) {
            throw new BadRecord("a message that ends early");
        }
        return this;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public long sequence() {
        return sequence;
    }

    @Override
    public long arrivedMillis() {
        return arrivedMillis;
    }

    @Override
    public long expiresMillis() {
        return expiresMillis;
    }

    @Override
    public long dueMillis() {
        return dueMillis;
    }

    @Override
    public int priority() {
        return priority;
    }

    @Override
    public long cost() {
        return cost;
    }

    @Override
    public Message message() {
        try {
            return decode(rest.duplicate());
        } catch (BufferUnderflowException e) {
            throw new BadRecord("a message that ends early");
        } catch (IllegalArgumentException e) {
            throw new BadRecord("a message with " + e.getMessage());
        }
    }

    private Message decode(ByteBuffer from) {
        long expires = Bytes.varint(from);
        long ttl = Bytes.varint(from);
        long delay = Bytes.varint(from);
        String key = is(KEY) ? Bytes.text(from) : null;
        String dedupId = is(DEDUP_ID) ? Bytes.text(from) : null;
        String destination = is(DESTINATION) ? Bytes.text(from) : home;
        SendOptions options =
                new SendOptions(
                        is(PERSISTENT),
                        priority,
                        expires,
                        ttl,
                        delay,
                        key,
                        is(REMOVED),
                        is(WHILE_CONNECTED),
                        dedupId);
        // A header has two bytes at least, so the count is bounded before there is an array.
        String[] headers = new String[2 * Bytes.count(from, 2)];
        for (int i = 0; i < headers.length; i++) {
            headers[i] = Bytes.text(from);
        }
        byte[] body = Bytes.bytes(from);
        if (from.hasRemaining()) {
            throw new BadRecord("a message with something behind it");
        }
        return Message.restored(
                destination, Headers.of(headers), body, is(UTF8), options, epoch, sequence);
    }

    private boolean is(int flag) {
        return (flags & flag) != 0;
    }
}
