package io.switchboard.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class WiresTest {
    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }

    private static String text(ByteBuffer bytes) {
        return US_ASCII.decode(bytes).toString();
    }

    @Nested
    class APipe {
        @Test
        void givesBytesInOrderCutAsTheReaderLikes() {
            Pipe pipe = new Pipe();
            StringBuilder read = new StringBuilder();
            StringBuilder written = new StringBuilder();
            for (int i = 0; i < 500; i++) {
                pipe.write(bytes(i + ";"));
                written.append(i).append(';');
                read.append(text(pipe.read(i % 6)));
            }
            read.append(text(pipe.readAll()));
            assertThat(read.toString()).isEqualTo(written.toString());
            assertThat(pipe.unread()).isZero();
        }

        @Test
        void isWritableWhileItsWindowIsNotFull() {
            Pipe pipe = new Pipe(3);
            pipe.write(bytes("ab"));
            assertThat(pipe.writable()).isTrue();
            pipe.write(bytes("cd"));
            assertThat(pipe.writable()).isFalse();
            pipe.read(2);
            assertThat(pipe.writable()).isTrue();
        }

        @Test
        void canBeReadToItsEndAfterTheClose() {
            Pair pair = new Pair();
            pair.toClient().write(bytes("ab"));
            pair.toClient().close();
            assertThat(pair.quiet()).isFalse();
            assertThat(pair.toClient().exhausted()).isFalse();
            assertThat(text(pair.toClient().readAll())).isEqualTo("ab");
            assertThat(pair.toClient().exhausted()).isTrue();
            assertThatThrownBy(() -> pair.toClient().write(bytes("c")))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Nested
    class AMemoryWire {
        private final HeapSlabs slabs = new HeapSlabs();
        private final MemoryWire wire = new MemoryWire(4);

        private void write(String text) {
            HeapSlabs.Counted slab = slabs.allocate(16);
            slab.bytes().put(bytes(text));
            wire.write(slab, 0, text.length());
            slab.release();
        }

        private String read(int max) {
            StringBuilder read = new StringBuilder();
            wire.read(max, piece -> read.append(text(piece)));
            return read.toString();
        }

        @Test
        void givesBytesOnceTheyAreFlushedAndThenTheirSlabsBack() {
            write("ab");
            write("cd");
            assertThat(wire.writable()).isFalse();
            assertThat(read(9)).isEmpty();
            wire.flush();
            assertThat(read(3)).isEqualTo("abc");
            assertThat(slabs.live()).isEqualTo(1);
            assertThat(read(9)).isEqualTo("d");
            assertThat(slabs.live()).isZero();
        }

        @Test
        void keepsWhatWasFlushedBeforeTheCloseOnly() {
            write("ab");
            wire.flush();
            write("cd");
            wire.close();
            assertThat(slabs.live()).isEqualTo(1);
            assertThat(read(9)).isEqualTo("ab");
            assertThatThrownBy(() -> write("e")).hasMessageContaining("after the close");
        }

        @Test
        void swallowsEverythingOnceItsReaderHasGone() {
            write("ab");
            wire.abandon();
            write("cd");
            wire.flush();
            assertThat(read(9)).isEmpty();
            assertThat(slabs.live()).isZero();
        }
    }

    @Nested
    class ASlab {
        @Test
        void isNotUsedAfterItsLastRelease() {
            HeapSlabs slabs = new HeapSlabs();
            HeapSlabs.Counted slab = slabs.allocate(4);
            byte[] memory = slab.bytes().put(bytes("ab")).array();
            slab.retain();
            slab.release();
            assertThat(slabs.live()).isEqualTo(1);
            slab.release();
            assertThat(slabs.live()).isZero();
            assertThat(memory).as("overwritten").doesNotContain('a', 'b');
            assertThatThrownBy(slab::release).hasMessageContaining("after its release");
            assertThatThrownBy(slab::bytes).hasMessageContaining("after its release");
            assertThatThrownBy(slab::retain).hasMessageContaining("after its release");
        }
    }

    @Nested
    class AVirtualClock {
        @Test
        void jumpsToDeadlinesAcrossTheWrapAndNeverBack() {
            VirtualClock clock = new VirtualClock();
            long deadline = clock.nanos() + Duration.ofMinutes(1).toNanos();
            assertThat(deadline).as("wrapped").isNegative();
            clock.advanceTo(deadline);
            assertThat(clock.nanos()).isEqualTo(deadline);
            clock.advanceTo(deadline - 1);
            assertThat(clock.nanos()).isEqualTo(deadline);
            assertThat(clock.elapsedNanos()).isEqualTo(Duration.ofMinutes(1).toNanos());
            assertThatThrownBy(() -> clock.advance(-1))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
