package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Slabs on the heap that know how many of them are out, refuse a second release, and spoil what
/// was given back.
final class CountedSlabs implements Slab.Source {
    int live;
    int allocated;

    /// So many allocations fail from now on.
    int failures;

    @Override
    public Slab allocate(int capacity) {
        if (failures > 0) {
            failures--;
            throw new IllegalStateException("no memory");
        }
        live++;
        allocated++;
        return new Counted(ByteBuffer.allocate(capacity));
    }

    void assertAllGivenBack() {
        assertThat(live).as("slabs that were never given back").isZero();
    }

    private final class Counted implements Slab {
        private final ByteBuffer bytes;
        private boolean released;

        Counted(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        @Override
        public ByteBuffer bytes() {
            assertThat(released).as("used after release").isFalse();
            return bytes;
        }

        @Override
        public void release() {
            assertThat(released).as("released twice").isFalse();
            released = true;
            live--;
            Arrays.fill(bytes.array(), (byte) '!');
        }
    }
}
