package io.switchboard.storage;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Reads the writes of damaged logs, those behind the damage too; [LogBlock] has their form.
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
    interface Taker {
        /// @param write from its sequence on; good during the call only
        void take(ByteBuffer write) throws RocksDBException;
    }

    private final Path directory;
    private final Consumer<String> report;
    private final Taker taker;
    private final LogBlock block = new LogBlock();
    private final Bytes pieces = new Bytes(LogBlock.LENGTH);

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
            for (long at = 0; at < size; at += LogBlock.LENGTH) {
                block.fill(file, at);
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

    private void block(long start) throws RocksDBException {
        int at = 0;
        while (block.hasRoom(at) && !block.blank(at)) {
            endHole();
            if (block.good(at)) {
                piece(start, at);
                at = block.end(at);
            } else {
                bad(start + at);
                at = behindBad(at);
            }
        }
        if (!block.blank(at)) {
            endHole();
            bad(start + at);
        } else if (block.hasRoom(at) && holeAt < 0) {
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

    /// Where the next good piece begins; the end of the block if there is none.
    private int behindBad(int at) {
        int behind = block.end(at);
        boolean last = behind <= block.length() && !block.hasRoom(behind);
        if (last && block.blank(behind) || block.good(behind)) {
            return behind;
        }
        for (int next = at + 1; block.hasRoom(next); next++) {
            if (block.good(next)) {
                return next;
            }
        }
        return block.length();
    }

    private void piece(long start, int at) throws RocksDBException {
        if (block.note(at)) {
            return;
        }
        if (block.begins(at)) {
            if (open) {
                bad(openAt);
            }
            begin(start + at);
        } else if (!open) {
            bad(start + at);
            return;
        }
        block.copyPayload(at, pieces);
        if (block.ends(at)) {
            open = false;
            write(start + block.end(at));
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
        if (write.remaining() < LogFile.WRITE_HEADER_LENGTH) {
            return false;
        }
        int count = write.getInt(Long.BYTES);
        write.position(LogFile.WRITE_HEADER_LENGTH);
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
