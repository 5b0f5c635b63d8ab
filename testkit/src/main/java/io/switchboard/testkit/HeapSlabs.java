package io.switchboard.testkit;

import io.switchboard.broker.Slab;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Slabs on the heap that are watched: how many are out is counted, a second release or a use after
/// the last one fails at once, and what was given back is overwritten, so that who still reads it
/// reads rubbish.
public final class HeapSlabs implements Slab.Source {
    private static final byte RUBBISH = (byte) 0xDD;

    private int live;
    private long allocated;

    /// Slabs that somebody still holds.
    public int live() {
        return live;
    }

    /// Slabs that were ever handed out.
    public long allocated() {
        return allocated;
    }

    @Override
    public Counted allocate(int capacity) {
        live++;
        allocated++;
        return new Counted(ByteBuffer.allocate(capacity));
    }

    /// A slab with a reference count, as a wire needs it that writes later.
    public final class Counted implements Slab {
        private final ByteBuffer bytes;
        private int references = 1;

        private Counted(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        @Override
        public ByteBuffer bytes() {
            checkHeld();
            return bytes;
        }

        public void retain() {
            checkHeld();
            references++;
        }

        @Override
        public void release() {
            checkHeld();
            if (--references == 0) {
                live--;
                Arrays.fill(bytes.array(), 0, bytes.position(), RUBBISH);
            }
        }

        private void checkHeld() {
            if (references <= 0) {
                throw new AssertionError("a slab is used after its release");
            }
        }
    }
}
