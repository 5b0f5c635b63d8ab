package io.switchboard.conformance;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// What messages look like when they are compressed (RFC 7692 section 7.2).
final class Zip {
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private Zip() {}

    /// A compressor that remembers what it has compressed.
    static final class Out implements AutoCloseable {
        private final Deflater deflater;

        Out(int level) {
            deflater = new Deflater(level, true);
        }

        byte[] message(byte[] plain) {
            byte[] all = flush(plain);
            return Arrays.copyOf(all, all.length - TAIL.length);
        }

        /// With the four bytes that a sender removes.
        byte[] flush(byte[] plain) {
            deflater.setInput(plain);
            return drain(Deflater.SYNC_FLUSH);
        }

        /// Behind which nothing can be compressed any more.
        byte[] finalBlock(byte[] plain) {
            deflater.setInput(plain);
            deflater.finish();
            return drain(Deflater.NO_FLUSH);
        }

        private byte[] drain(int flush) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] piece = new byte[8192];
            int length;
            do {
                length = deflater.deflate(piece, 0, piece.length, flush);
                out.write(piece, 0, length);
            } while (length == piece.length);
            return out.toByteArray();
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    /// A message by itself.
    static byte[] alone(byte[] plain) {
        try (Out out = new Out(Deflater.DEFAULT_COMPRESSION)) {
            return out.message(plain);
        }
    }

    /// One that does not become shorter: a stored block.
    static byte[] stored(byte[] plain) {
        try (Out out = new Out(Deflater.NO_COMPRESSION)) {
            return out.message(plain);
        }
    }

    /// One whose last block says that it is the last, which is legal (RFC 7692 section 7.2.3.4).
    static byte[] withFinalBlock(byte[] plain) {
        try (Out out = new Out(Deflater.DEFAULT_COMPRESSION)) {
            byte[] block = out.finalBlock(plain);
            return Arrays.copyOf(block, block.length + 1);
        }
    }

    static byte[] inTwoBlocks(byte[] first, byte[] second) {
        try (Out out = new Out(Deflater.DEFAULT_COMPRESSION)) {
            byte[] one = out.flush(first);
            byte[] two = out.message(second);
            byte[] both = Arrays.copyOf(one, one.length + two.length);
            System.arraycopy(two, 0, both, one.length, two.length);
            return both;
        }
    }

    /// What the other end sends, with its memory.
    static final class In implements AutoCloseable {
        private final boolean forgets;
        private Inflater inflater = new Inflater(true);

        In(boolean forgets) {
            this.forgets = forgets;
        }

        byte[] message(byte[] compressed, int lengthMax) throws DataFormatException {
            byte[] input = Arrays.copyOf(compressed, compressed.length + TAIL.length);
            System.arraycopy(TAIL, 0, input, compressed.length, TAIL.length);
            inflater.setInput(input);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] piece = new byte[8192];
            for (int length = inflater.inflate(piece);
                    length > 0 && out.size() <= lengthMax;
                    length = inflater.inflate(piece)) {
                out.write(piece, 0, length);
            }
            if (forgets) {
                inflater.end();
                inflater = new Inflater(true);
            }
            return out.toByteArray();
        }

        @Override
        public void close() {
            inflater.end();
        }
    }
}
