package io.switchboard.websocket;

import java.nio.ByteBuffer;
import java.util.Arrays;
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

    /// A ring once it cannot grow any more.
    private byte[] bytes = {};

    private int length;

    /// Where the next byte goes.
    private int end;

    SlidingWindow(int lengthMax) {
        this.lengthMax = lengthMax;
    }

    /// The remaining bytes, whose position stays.
    void append(ByteBuffer plain) {
        int added = Math.min(plain.remaining(), lengthMax);
        int from = plain.limit() - added;
        if (length + added > bytes.length && bytes.length < lengthMax) {
            grow(length + added);
        }
        int fitting = Math.min(added, bytes.length - end);
        plain.get(from, bytes, end, fitting);
        plain.get(from + fitting, bytes, 0, added - fitting);
        end += added;
        if (end >= bytes.length) {
            end -= bytes.length;
        }
        length = Math.min(bytes.length, length + added);
    }

    private void grow(int needed) {
        int capacity = Math.max(Math.max(FIRST_CAPACITY, needed), 2 * bytes.length);
        bytes = Arrays.copyOf(bytes, Math.min(lengthMax, capacity));
        end = length;
    }

    void restore(Inflater inflater) {
        int older = older();
        if (older > 0) {
            inflater.setDictionary(bytes, end, older);
        }
        if (length > older) {
            inflater.setDictionary(bytes, 0, length - older);
        }
    }

    void restore(Deflater deflater) {
        int older = older();
        if (older > 0) {
            deflater.setDictionary(bytes, end, older);
        }
        if (length > older) {
            deflater.setDictionary(bytes, 0, length - older);
        }
    }

    /// Bytes behind the end of the ring, which come first; the others are at its beginning.
    private int older() {
        return length == bytes.length ? length - end : 0;
    }
}
