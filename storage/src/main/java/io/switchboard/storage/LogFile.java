package io.switchboard.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// One of RocksDB's write-ahead logs, read record by record: what RocksDB itself does not say is
/// where a log is damaged, and whether anything good comes behind that.
///
/// A log is blocks of 32 KiB. Pieces never cross a block; what is left of one is filled with zeros.
/// A write is one piece, or a first, middle ones and a last:
///
/// ```
/// checksum (4 bytes), length (2), type (1), payload        all little-endian
/// ```
///
/// The checksum is the CRC-32C of type and payload, turned and shifted. The payload of a write
/// begins with its sequence (8 bytes) and the count of its changes (4); the next write has the
/// sequence behind those.
///
/// The one writer syncs each write before it begins the next. So damage behind which a write begins
/// is in something that was stored, and damage without is a write that nobody was told of. That
/// holds for a **hole** too: zeros where a piece would have had room. RocksDB skips those.
final class LogFile {
    private static final int BLOCK_LENGTH = 32 << 10;
    private static final int HEADER_LENGTH = 7;
    private static final int LENGTH_AT = 4;
    private static final int TYPE_AT = 6;
    private static final int WRITE_HEADER_LENGTH = 12;

    private static final int FULL = 1;
    private static final int FIRST = 2;
    private static final int MIDDLE = 3;
    private static final int LAST = 4;

    /// What RocksDB notes for itself: about compression, timestamps, the log before.
    private static final int NOTE_FROM = 9;

    private static final int NOTE_TO = 10;
    private static final int NOTE_OF_PREDECESSOR = 130;

    /// Takes the writes, in order.
    interface Visitor {
        /// @param write from its sequence on; good during the call only
        void write(long offset, long end, ByteBuffer write);
    }

    /// @param writes that are whole
    /// @param goodEnd behind the last of them before any damage
    /// @param damageAt where it stops being one; -1 for nowhere
    /// @param damage what is wrong there
    /// @param followed whether there is a write behind the damage
    record Reading(
            long writes, long goodEnd, long damageAt, @Nullable String damage, boolean followed) {
        boolean damaged() {
            return damageAt >= 0;
        }
    }

    private final Path path;
    private final Visitor visitor;
    private final ByteBuffer block =
            ByteBuffer.allocate(BLOCK_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final Bytes pieces = new Bytes(BLOCK_LENGTH);
    private final CRC32C crc = new CRC32C();

    private boolean open;
    private long openAt;

    /// Where a hole began with no piece behind it yet; -1 for nowhere.
    private long holeAt = -1;

    private long nextSequence = -1;
    private long writes;
    private long goodEnd;
    private long damageAt = -1;
    private @Nullable String damage;
    private boolean followed;

    private LogFile(Path path, Visitor visitor) {
        this.path = path;
        this.visitor = visitor;
    }

    static Reading read(Path path, Visitor visitor) throws IOException {
        return new LogFile(path, visitor).read();
    }

    private Reading read() throws IOException {
        long size;
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            size = file.size();
            for (long at = 0; at < size && !followed; at += BLOCK_LENGTH) {
                fill(file, at);
                if (damaged()) {
                    followed = anyWrite(0);
                } else {
                    block(at);
                }
            }
        }
        if (!damaged() && open) {
            damaged(openAt, "a write that ends with the file");
        }
        return new Reading(writes, goodEnd, damageAt, damage, followed);
    }

    private void fill(FileChannel file, long at) throws IOException {
        block.clear();
        while (block.hasRemaining() && file.read(block, at + block.position()) > 0) {
            // Until the block is full, or the file at its end.
        }
        block.flip();
    }

    private boolean damaged() {
        return damageAt >= 0;
    }

    private void damaged(long at, String what) {
        damageAt = at;
        damage = what;
    }

    /// All pieces of a block, up to the damage.
    private void block(long start) {
        int at = 0;
        while (block.limit() - at >= HEADER_LENGTH) {
            if (blank(at)) {
                holeAt = holeAt < 0 ? start + at : holeAt;
                return;
            }
            int length = pieceLength(at);
            if (holeAt >= 0) {
                damaged(open ? openAt : holeAt, "zeros where a write was");
                followed = anyWrite(at);
                return;
            }
            if (length < 0) {
                damaged(start + at, "a wrong checksum or length");
            } else {
                piece(start + at, at, length);
            }
            if (damaged()) {
                followed |= anyWrite(at + 1);
                return;
            }
            at += HEADER_LENGTH + length;
        }
        if (!blank(at)) {
            damaged(start + at, "an incomplete write");
        }
    }

    private boolean blank(int from) {
        for (int i = from; i < block.limit(); i++) {
            if (block.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private int type(int at) {
        return block.get(at + TYPE_AT) & 0xFF;
    }

    /// The length of the payload of a good piece; -1 if there is none.
    private int pieceLength(int at) {
        int length = block.getShort(at + LENGTH_AT) & 0xFFFF;
        int type = type(at);
        boolean known =
                type >= FULL && type <= LAST
                        || type >= NOTE_FROM && type <= NOTE_TO
                        || type == NOTE_OF_PREDECESSOR;
        if (!known || length > block.limit() - at - HEADER_LENGTH) {
            return -1;
        }
        crc.reset();
        crc.update(block.array(), at + TYPE_AT, 1 + length);
        int sum = (int) crc.getValue();
        int masked = (sum >>> 15 | sum << 17) + 0xA282EAD8;
        return masked == block.getInt(at) ? length : -1;
    }

    private void piece(long offset, int at, int length) {
        int type = type(at);
        if (type > LAST) {
            return;
        }
        boolean begins = type == FULL || type == FIRST;
        if (begins == open) {
            damaged(begins ? openAt : offset, "a write of which a part is missing");
            return;
        }
        if (begins) {
            open = true;
            openAt = offset;
            pieces.clear();
        }
        pieces.putBytes(block.array(), at + HEADER_LENGTH, length);
        if (type == FULL || type == LAST) {
            open = false;
            write(offset + HEADER_LENGTH + length);
        }
    }

    private void write(long end) {
        ByteBuffer write =
                ByteBuffer.wrap(pieces.array(), 0, pieces.length()).order(ByteOrder.LITTLE_ENDIAN);
        if (write.remaining() < WRITE_HEADER_LENGTH) {
            damaged(openAt, "a write that is too short");
            return;
        }
        long sequence = write.getLong(0);
        if (nextSequence >= 0 && sequence != nextSequence) {
            damaged(openAt, "writes " + nextSequence + " to " + (sequence - 1) + " are missing");
            // This one is behind them.
            followed = true;
            return;
        }
        nextSequence = sequence + write.getInt(Long.BYTES);
        writes++;
        goodEnd = end;
        visitor.write(openAt, end, write);
    }

    /// Whether a write begins at any place of the block from there on.
    private boolean anyWrite(int from) {
        for (int at = from; block.limit() - at >= HEADER_LENGTH; at++) {
            int type = type(at);
            if ((type == FULL || type == FIRST) && pieceLength(at) >= WRITE_HEADER_LENGTH) {
                return true;
            }
        }
        return false;
    }
}
