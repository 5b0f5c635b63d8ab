package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class HeldBySizeTest {
    private final HeldBySize all = new HeldBySize();

    private HeldBySize.Holder holding(int length) {
        HeldBySize.Holder holder = new HeldBySize.Holder();
        all.put(holder, length);
        return holder;
    }

    @Test
    void ofAFewTheLargestIsFound() {
        assertThat(all.largest()).isNull();
        holding(1);
        HeldBySize.Holder large = holding(1_001);
        HeldBySize.Holder nearly = holding(1_000);
        holding(0);
        assertThat(all.largest()).isSameAs(large);
        all.put(large, 0);
        assertThat(all.largest()).isSameAs(nearly);
        all.put(large, Integer.MAX_VALUE);
        assertThat(all.largest()).isSameAs(large);
    }

    @Test
    void whoHoldsNothingAnyMoreIsNotFound() {
        HeldBySize.Holder one = holding(7);
        all.put(one, 0);
        assertThat(all.largest()).isNull();
    }

    @Test
    void ofManyItIsOneOfTheLargestWhateverTheyDo() {
        for (long seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            HeldBySize many = new HeldBySize();
            List<HeldBySize.Holder> holders = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                holders.add(new HeldBySize.Holder());
            }
            for (int step = 0; step < 2_000; step++) {
                int length = random.nextInt(1 << random.nextInt(1, 31));
                many.put(holders.get(random.nextInt(holders.size())), length);
                int most = holders.stream().mapToInt(HeldBySize.Holder::held).max().orElseThrow();
                HeldBySize.Holder found = many.largest();
                if (most == 0) {
                    assertThat(found).isNull();
                } else {
                    assertThat(found.held())
                            .as("seed %d step %d", seed, step)
                            .isGreaterThanOrEqualTo(most - most / 8);
                }
            }
        }
    }
}
