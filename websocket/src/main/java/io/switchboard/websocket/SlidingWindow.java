package io.switchboard.websocket;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// The last plain text of one direction of a connection, to which the next compressed message may
/// refer back (RFC 7692 section 7.2.3.2). It stands in for the window inside zlib, so that between
/// two messages no inflater or deflater is needed; memory grows with what came. Owned by its
/// connection.
final class SlidingWindow {
    /// As far as DEFLATE can refer back (RFC 1951 section 2).
    static final int LENGTH_MAX = 32 << 10;

    private static final int FIRST_CAPACITY = 512;

    private final int lengthMax;

    private byte[] bytes = {};
    private int length;

    SlidingWindow(int lengthMax) {
        this.lengthMax = lengthMax;
    }

    /// The remaining bytes, whose position stays.
    void append(ByteBuffer plain) {
        int added = Math.min(plain.remaining(), lengthMax);
        int kept = Math.min(length, lengthMax - added);
        int needed = kept + added;
        byte[] target = bytes;
        if (needed > bytes.length) {
            int capacity = Math.max(Math.max(FIRST_CAPACITY, needed), 2 * bytes.length);
            target = new byte[Math.min(lengthMax, capacity)];
        }
        System.arraycopy(bytes, length - kept, target, 0, kept);
        plain.get(plain.limit() - added, target, kept, added);
        bytes = target;
        length = needed;
    }

    void restore(Inflater inflater) {
        if (length > 0) {
            inflater.setDictionary(bytes, 0, length);
        }
    }

    void restore(Deflater deflater) {
        if (length > 0) {
            deflater.setDictionary(bytes, 0, length);
        }
    }
}
