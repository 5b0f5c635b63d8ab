package io.switchboard.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/// A block of one of RocksDB's write-ahead logs, and the pieces in it. Owned by who reads the log.
///
/// A log is blocks of 32 KiB. Pieces never cross a block; what is left of one is filled with zeros.
/// A write is one piece, or a first, middle ones and a last:
///
/// ```
/// checksum (4 bytes), length (2), type (1), payload        all little-endian
/// ```
///
/// The checksum is the CRC-32C of type and payload, turned and shifted.
final class LogBlock {
    static final int LENGTH = 32 << 10;

    private static final int HEADER_LENGTH = 7;
    private static final int LENGTH_AT = 4;
    private static final int TYPE_AT = 6;

    private static final int FULL = 1;
    private static final int FIRST = 2;
    private static final int LAST = 4;

    /// What RocksDB notes for itself: about compression, timestamps, the log before.
    private static final int NOTE_FROM = 9;

    private static final int NOTE_TO = 10;
    private static final int NOTE_OF_PREDECESSOR = 130;

    private final ByteBuffer bytes = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc = new CRC32C();

    /// Takes in the block that begins there; the last of a file may be shorter.
    void fill(FileChannel file, long start) throws IOException {
        bytes.clear();
        while (bytes.hasRemaining() && file.read(bytes, start + bytes.position()) > 0) {
            // Until the block is full, or the file at its end.
        }
        bytes.flip();
    }

    int length() {
        return bytes.limit();
    }

    /// Whether a piece could begin there.
    boolean hasRoom(int at) {
        return bytes.limit() - at >= HEADER_LENGTH;
    }

    /// Whether there are zeros from there to the end.
    boolean blank(int from) {
        for (int i = from; i < bytes.limit(); i++) {
            if (bytes.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    /// Whether a good piece is there.
    boolean good(int at) {
        if (!hasRoom(at)) {
            return false;
        }
        int type = type(at);
        boolean known =
                type >= FULL && type <= LAST
                        || type >= NOTE_FROM && type <= NOTE_TO
                        || type == NOTE_OF_PREDECESSOR;
        if (!known || end(at) > bytes.limit()) {
            return false;
        }
        crc.reset();
        crc.update(bytes.array(), at + TYPE_AT, 1 + payloadLength(at));
        int sum = (int) crc.getValue();
        int masked = (sum >>> 15 | sum << 17) + 0xA282EAD8;
        return masked == bytes.getInt(at);
    }

    // --- Of a piece that is good ---

    /// Behind it; of one that is not good, where its length says.
    int end(int at) {
        return at + HEADER_LENGTH + payloadLength(at);
    }

    int payloadLength(int at) {
        return bytes.getShort(at + LENGTH_AT) & 0xFFFF;
    }

    /// Whether it is none of a write.
    boolean note(int at) {
        return type(at) > LAST;
    }

    /// Whether a write begins with it.
    boolean begins(int at) {
        return type(at) == FULL || type(at) == FIRST;
    }

    /// Whether a write ends with it.
    boolean ends(int at) {
        return type(at) == FULL || type(at) == LAST;
    }

    void copyPayload(int at, Bytes to) {
        to.putBytes(bytes.array(), at + HEADER_LENGTH, payloadLength(at));
    }

    private int type(int at) {
        return bytes.get(at + TYPE_AT) & 0xFF;
    }
}
