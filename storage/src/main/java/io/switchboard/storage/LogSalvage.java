package io.switchboard.storage;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Reads the writes of damaged logs, those behind the damage too; [LogFile] has the form of a log.
/// RocksDB would give up the rest of a block of 32 KiB, since it does not trust the length in a
/// piece whose checksum is wrong.
///
/// Behind such a piece another one is looked for: where its length says, and else at each place of
/// the block. What is in a message may look like a piece, so the length comes first, and a write is
/// taken only if its sequence is none that was there before.
///
/// An end that is torn, with nothing behind it in any log, is a write that nobody was told of, and
/// no loss.
final class LogSalvage {
    private static final int BLOCK_LENGTH = 32 << 10;
    private static final int HEADER_LENGTH = 7;
    private static final int LENGTH_AT = 4;
    private static final int TYPE_AT = 6;
    private static final int WRITE_HEADER_LENGTH = 12;

    private static final int FULL = 1;
    private static final int FIRST = 2;
    private static final int LAST = 4;
    private static final int NOTE_FROM = 9;
    private static final int NOTE_TO = 10;
    private static final int NOTE_OF_PREDECESSOR = 130;

    interface Taker {
        /// @param write from its sequence on; good during the call only
        void take(ByteBuffer write) throws RocksDBException;
    }

    private final Path directory;
    private final Consumer<String> report;
    private final Taker taker;
    private final ByteBuffer block =
            ByteBuffer.allocate(BLOCK_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    private final Bytes pieces = new Bytes(BLOCK_LENGTH);
    private final CRC32C crc = new CRC32C();

    /// What cannot be read at the end of a log, while nothing was found behind it.
    private @Nullable String tornEnd;

    // Of one log:

    private String name = "";
    private boolean open;
    private long openAt;
    private long goodEnd;
    private long nextSequence = -1;

    /// Where zeros began that have room for a piece, while nothing was found behind them; or -1.
    private long holeAt = -1;

    /// Where the stretch began in which nothing can be read; -1 outside of one.
    private long badFrom = -1;

    /// Whether there was one behind the last good write.
    private boolean badBefore;

    /// @param report takes a line for each stretch that cannot be read
    LogSalvage(Path directory, Consumer<String> report, Taker taker) {
        this.directory = directory;
        this.report = report;
        this.taker = taker;
    }

    /// @throws RocksDBException if what was read cannot be written
    void copy() throws IOException, RocksDBException {
        for (Path log : Logs.of(directory)) {
            copy(log);
        }
    }

    private void copy(Path log) throws IOException, RocksDBException {
        name = log.getFileName().toString();
        open = false;
        goodEnd = 0;
        nextSequence = -1;
        holeAt = -1;
        badFrom = -1;
        badBefore = false;
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ)) {
            long size = file.size();
            for (long at = 0; at < size; at += BLOCK_LENGTH) {
                fill(file, at);
                block(at);
            }
            if (open) {
                bad(openAt);
            }
            if (badFrom >= 0) {
                tornEnd = stretch(badFrom, size);
            }
        }
    }

    private void fill(FileChannel file, long at) throws IOException {
        block.clear();
        while (block.hasRemaining() && file.read(block, at + block.position()) > 0) {
            // Until the block is full, or the file at its end.
        }
        block.flip();
    }

    private void block(long start) throws RocksDBException {
        int at = 0;
        while (block.limit() - at >= HEADER_LENGTH && !blank(at)) {
            endHole();
            int length = pieceLength(at);
            if (length < 0) {
                bad(start + at);
                at = behindBad(at);
            } else {
                piece(start + at, at, length);
                at += HEADER_LENGTH + length;
            }
        }
        if (!blank(at)) {
            endHole();
            bad(start + at);
        } else if (block.limit() - at >= HEADER_LENGTH && holeAt < 0) {
            holeAt = start + at;
        }
    }

    /// Something stands behind zeros, so they were something once.
    private void endHole() {
        if (holeAt >= 0) {
            bad(holeAt);
            holeAt = -1;
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

    private int lengthAt(int at) {
        return block.getShort(at + LENGTH_AT) & 0xFFFF;
    }

    /// The length of the payload of a good piece; -1 if there is none.
    private int pieceLength(int at) {
        if (block.limit() - at < HEADER_LENGTH) {
            return -1;
        }
        int length = lengthAt(at);
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

    /// Where the next good piece begins; the end of the block if there is none.
    private int behindBad(int at) {
        int behind = at + HEADER_LENGTH + lengthAt(at);
        boolean last = behind <= block.limit() && block.limit() - behind < HEADER_LENGTH;
        if (last && blank(behind) || pieceLength(behind) >= 0) {
            return behind;
        }
        for (int next = at + 1; block.limit() - next >= HEADER_LENGTH; next++) {
            if (pieceLength(next) >= 0) {
                return next;
            }
        }
        return block.limit();
    }

    private void piece(long offset, int at, int length) throws RocksDBException {
        int type = type(at);
        if (type > LAST) {
            return;
        }
        if (type == FULL || type == FIRST) {
            if (open) {
                bad(openAt);
            }
            begin(offset);
        } else if (!open) {
            bad(offset);
            return;
        }
        pieces.putBytes(block.array(), at + HEADER_LENGTH, length);
        if (type == FULL || type == LAST) {
            open = false;
            write(offset + HEADER_LENGTH + length);
        }
    }

    private void begin(long offset) {
        reportTornEnd();
        if (badFrom >= 0) {
            report.accept(stretch(badFrom, offset));
            badFrom = -1;
        }
        open = true;
        openAt = offset;
        pieces.clear();
    }

    private void write(long end) throws RocksDBException {
        ByteBuffer write =
                ByteBuffer.wrap(pieces.array(), 0, pieces.length()).order(ByteOrder.LITTLE_ENDIAN);
        if (!whole(write.duplicate().order(ByteOrder.LITTLE_ENDIAN))
                || nextSequence >= 0 && write.getLong(0) < nextSequence) {
            bad(openAt);
            return;
        }
        long sequence = write.getLong(0);
        if (nextSequence >= 0 && sequence > nextSequence && !badBefore) {
            report.accept(stretch(goodEnd, openAt));
        }
        badBefore = false;
        nextSequence = sequence + write.getInt(Long.BYTES);
        goodEnd = end;
        taker.take(write);
    }

    /// Where blocks are missing, the pieces of two writes come together, each of them good.
    private static boolean whole(ByteBuffer write) {
        if (write.remaining() < WRITE_HEADER_LENGTH) {
            return false;
        }
        int count = write.getInt(Long.BYTES);
        write.position(WRITE_HEADER_LENGTH);
        try {
            for (; write.hasRemaining() && count > 0; count--) {
                int texts = WriteBytes.texts(write.get());
                for (int i = 0; i < texts; i++) {
                    int length = Bytes.count(write, 1);
                    write.position(write.position() + length);
                }
            }
        } catch (BadRecord | BufferUnderflowException e) {
            return false;
        }
        return count == 0 && !write.hasRemaining();
    }

    /// A write that was begun goes with what follows it.
    private void bad(long offset) {
        reportTornEnd();
        if (badFrom < 0) {
            badFrom = open ? openAt : offset;
        }
        open = false;
        badBefore = true;
    }

    private void reportTornEnd() {
        if (tornEnd != null) {
            report.accept(tornEnd);
            tornEnd = null;
        }
    }

    private String stretch(long from, long to) {
        return name
                + " cannot be read from offset "
                + from
                + " to "
                + to
                + ": messages stored there are lost, and those removed there come again";
    }
}
