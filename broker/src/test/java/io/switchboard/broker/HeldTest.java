package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldTest {
    private final Held held = new Held();
    private final Queue queue =
            new Queue(
                    "/queue/a",
                    Queue.Kind.LASTING,
                    Policies.Policy.DEFAULT,
                    7,
                    0,
                    new Node(1).shards.getFirst().queues());

    private Entry entry() {
        Message message = Message.of("/queue/a", Headers.NONE, new byte[0], true);
        return new Entry(queue, queue.place(message), false, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void holdsWhatASortedMapHolds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeMap<Long, Entry> model = new TreeMap<>();
        long last = 0;
        for (int i = 0; i < 5_000; i++) {
            if (random.nextInt(2) == 0 && model.size() < 50) {
                Entry entry = entry();
                last += 1 + random.nextInt(2);
                held.add(last, entry);
                model.put(last, entry);
            } else {
                long tag =
                        random.nextBoolean() && !model.isEmpty()
                                ? model.firstKey()
                                : random.nextLong(last + 2);
                assertThat(held.get(tag)).isSameAs(model.get(tag));
                assertThat(held.remove(tag)).isSameAs(model.remove(tag));
            }
            assertThat(held.count()).isEqualTo(model.size());
            long any = random.nextLong(last + 2);
            Long next = model.higherKey(any);
            assertThat(held.nextTag(any)).isEqualTo(next == null ? -1 : next);
            if (!model.isEmpty()) {
                assertThat(held.firstTag()).isEqualTo(model.firstKey());
            }
        }
        for (Map.Entry<Long, Entry> each : model.entrySet()) {
            Message message = each.getValue().message();
            assertThat(held.tagOf(message.epoch(), message.sequence())).isEqualTo(each.getKey());
        }
        assertThat(held.tagOf(7, 1_000_000)).isEqualTo(-1);
    }

    @Test
    void theOldestNotSettledDoesNotMakeItGrow() {
        held.add(1, entry());
        for (long tag = 2; tag < 1_000_000; tag++) {
            held.add(tag, entry());
            held.remove(tag);
        }
        assertThat(held.count()).isEqualTo(1);
        assertThat(held.capacity()).isLessThan(16);
    }
}
