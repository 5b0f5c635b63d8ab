package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StampTest {
    @Test
    void whatIsStampedIsReadBack() {
        long seed = 7;
        Random random = new Random(seed);
        byte[] body = new byte[Stamp.LENGTH + 8];
        for (int i = 0; i < 10_000; i++) {
            int publisher = random.nextInt(1 << 24);
            long sequence = random.nextLong(1L << 48);
            long nanos = random.nextLong(1L << 48);
            int mark = Stamp.mark(random.nextInt());
            Stamp.put(body, 5, mark, publisher, sequence, nanos);
            ByteBuffer bytes = ByteBuffer.wrap(body);
            assertThat((int) Stamp.INTS.get(bytes, 5)).as("seed %d", seed).isEqualTo(mark);
            assertThat(Stamp.publisher(bytes, 5)).as("seed %d", seed).isEqualTo(publisher);
            assertThat(Stamp.sequence(bytes, 5)).as("seed %d", seed).isEqualTo(sequence);
            assertThat(Stamp.nanos(bytes, 5)).as("seed %d", seed).isEqualTo(nanos);
        }
    }

    @Test
    void aStampIsAsciiWithoutLineEndsAndNuls() {
        byte[] body = new byte[Stamp.LENGTH];
        Stamp.put(body, 0, Stamp.mark(0), 0, 0, 0);
        assertThat(body).containsOnly('B', '@');
        Stamp.put(body, 0, Stamp.mark(-1), (1 << 24) - 1, (1L << 48) - 1, (1L << 48) - 1);
        assertThat(body).containsOnly('B', 0x7f);
    }
}
