package io.switchboard.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// One of RocksDB's write-ahead logs, read record by record: what RocksDB itself does not say is
/// where a log is damaged, and whether anything good comes behind that.
///
/// Its form is that of [LogBlock]. The payload of a write begins with its sequence (8 bytes) and
/// the count of its changes (4), both little-endian; the next write has the sequence behind those.
///
/// The one writer syncs each write before it begins the next. So damage behind which a write begins
/// is in something that was stored, and damage without is a write that nobody was told of. That
/// holds for a **hole** too: zeros where a piece would have had room. RocksDB skips those.
final class LogFile {
    static final int WRITE_HEADER_LENGTH = 12;

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
    private final LogBlock block = new LogBlock();
    private final Bytes pieces = new Bytes(LogBlock.LENGTH);

    private boolean open;
    private long openAt;

    /// Where a hole begins that no piece has been found behind; -1 for nowhere.
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
            for (long at = 0; at < size && !followed; at += LogBlock.LENGTH) {
                block.fill(file, at);
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
        while (block.hasRoom(at)) {
            if (block.blank(at)) {
                holeAt = holeAt < 0 ? start + at : holeAt;
                return;
            }
            if (holeAt >= 0) {
                damaged(open ? openAt : holeAt, "zeros where a write was");
                followed = anyWrite(at);
                return;
            }
            if (block.good(at)) {
                piece(start, at);
            } else {
                damaged(start + at, "a wrong checksum or length");
            }
            if (damaged()) {
                followed |= anyWrite(at + 1);
                return;
            }
            at = block.end(at);
        }
        if (!block.blank(at)) {
            damaged(start + at, "an incomplete write");
        }
    }

    private void piece(long start, int at) {
        if (block.note(at)) {
            return;
        }
        boolean begins = block.begins(at);
        if (begins == open) {
            damaged(begins ? openAt : start + at, "a write of which a part is missing");
            return;
        }
        if (begins) {
            open = true;
            openAt = start + at;
            pieces.clear();
        }
        block.copyPayload(at, pieces);
        if (block.ends(at)) {
            open = false;
            write(start + block.end(at));
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
        for (int at = from; block.hasRoom(at); at++) {
            if (block.begins(at)
                    && block.payloadLength(at) >= WRITE_HEADER_LENGTH
                    && block.good(at)) {
                return true;
            }
        }
        return false;
    }
}
