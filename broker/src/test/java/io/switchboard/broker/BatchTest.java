package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BatchTest {
    private final CountedSlabs slabs = new CountedSlabs();
    private final Batch.Memory memory = new Batch.Memory();

    private static int append(Batch batch, String text) {
        return batch.append(text.length(), out -> out.put(text.getBytes(US_ASCII)));
    }

    private static String text(Batch batch, int from, int to) {
        int start = batch.start(from);
        return new String(batch.slab().bytes().array(), start, batch.end(to - 1) - start, US_ASCII);
    }

    @Test
    void growsAndKeepsWhatItHolds() {
        Batch batch = new Batch("/topic/a", null, 4, slabs, memory);
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            String text = "message " + i + ";";
            assertThat(append(batch, text)).isEqualTo(i);
            assertThat(batch.length(i)).isEqualTo(text.length());
            all.append(text);
        }
        assertThat(batch.count()).isEqualTo(100);
        assertThat(text(batch, 0, 100)).isEqualTo(all.toString());
        assertThat(text(batch, 3, 5)).isEqualTo("message 3;message 4;");
        assertThat(slabs.live).isEqualTo(1);
        assertThat(memory.bytes).isEqualTo(batch.slab().bytes().capacity());
        batch.seal();
        slabs.assertAllGivenBack();
        assertThat(memory.bytes).isZero();
    }

    @Test
    void anEmptyOneTakesAnyMessageAndAFullOneNone() {
        Batch batch = new Batch("/topic/a", null, 8, slabs, memory);
        assertThat(batch.takes(1 << 20)).isTrue();
        append(batch, "x".repeat(60_000));
        assertThat(batch.takes((64 << 10) - 60_000)).isTrue();
        assertThat(batch.takes((64 << 10) - 60_000 + 1)).isFalse();
        batch.seal();
    }

    @Test
    void aSealedOneTakesNothing() {
        Batch batch = new Batch("/topic/a", null, 8, slabs, memory);
        append(batch, "x");
        batch.retain();
        batch.seal();
        assertThat(batch.takes(1)).isFalse();
        assertThat(slabs.live).isEqualTo(1);
        batch.release();
        slabs.assertAllGivenBack();
    }
}
