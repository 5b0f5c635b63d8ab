package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlinesTest {
    private final Deadlines<Entry> deadlines = new Deadlines<>();
    private final Queue queue =
            new Queue(
                    "/queue/a",
                    Queue.Kind.LASTING,
                    Policies.Policy.DEFAULT,
                    7,
                    0,
                    new Node(1).shards.getFirst().queues());

    private Entry entry() {
        return new Entry(
                queue, Message.of("/queue/a", Headers.NONE, new byte[0], true), false, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void comeInOrderHoweverTheyWereSetMovedAndRemoved(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Entry> set = new ArrayList<>();
        Map<Entry, Long> moments = new IdentityHashMap<>();
        long now = 0;
        for (int i = 0; i < 10_000; i++) {
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    Entry entry = entry();
                    moments.put(entry, now + random.nextInt(1_000));
                    deadlines.set(entry, moments.get(entry));
                    set.add(entry);
                }
                case 2 -> {
                    if (!set.isEmpty()) {
                        Entry any = set.get(random.nextInt(set.size()));
                        if (random.nextBoolean()) {
                            moments.put(any, now + random.nextInt(1_000));
                            deadlines.set(any, moments.get(any));
                        } else {
                            deadlines.remove(any);
                            deadlines.remove(any);
                            set.remove(any);
                        }
                    }
                }
                default -> {
                    now += random.nextInt(20);
                    long last = 0;
                    for (Entry due = deadlines.poll(now); due != null; due = deadlines.poll(now)) {
                        assertThat(moments.get(due)).isBetween(last, now);
                        last = moments.get(due);
                        assertThat(set.remove(due)).isTrue();
                    }
                }
            }
            assertThat(deadlines.count()).isEqualTo(set.size());
            long next = set.stream().mapToLong(moments::get).min().orElse(Long.MAX_VALUE);
            assertThat(deadlines.nextMillis()).isEqualTo(next);
        }
    }
}
