package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutboundQueueTest {
    private final CountedSlabs slabs = new CountedSlabs();
    private final Batch.Memory memory = new Batch.Memory();
    private final OutboundQueue queue = new OutboundQueue();
    private final List<String> written = new ArrayList<>();

    private final Wire wire =
            new Wire() {
                @Override
                public boolean writable() {
                    return true;
                }

                @Override
                public void write(Slab slab, int offset, int length) {
                    written.add(new String(slab.bytes().array(), offset, length, US_ASCII));
                }

                @Override
                public void flush() {}
            };

    private Batch batch(String destination) {
        return new Batch(destination, null, 8, slabs, memory);
    }

    private void add(Batch batch, String text) {
        int index = batch.append(text.length(), out -> out.put(text.getBytes(US_ASCII)));
        queue.add(batch, index, text.length());
    }

    @Test
    void messagesThatFollowEachOtherInABatchAreOneWrite() {
        Batch batch = batch("/topic/a");
        add(batch, "one");
        add(batch, "two");
        add(batch, "three");
        batch.seal();
        queue.writeFirst(wire);
        assertThat(written).containsExactly("onetwothree");
        assertThat(queue.empty()).isTrue();
        assertThat(queue.bytes()).isZero();
        slabs.assertAllGivenBack();
        assertThat(memory.bytes).isZero();
    }

    @Test
    void aMessageThatWasNotForThisQueueSplitsTheRun() {
        Batch batch = batch("/topic/a");
        add(batch, "one");
        batch.append(3, out -> out.put("two".getBytes(US_ASCII)));
        add(batch, "three");
        batch.seal();
        queue.writeFirst(wire);
        queue.writeFirst(wire);
        assertThat(written).containsExactly("one", "three");
        slabs.assertAllGivenBack();
    }

    @Test
    void theOldestOfThatDestinationGoFirstAndOnlyAsManyAsNeeded() {
        Batch a = batch("/topic/a");
        Batch b = batch("/topic/b");
        add(a, "a1");
        add(b, "b1");
        add(a, "a2");
        add(a, "a3");
        assertThat(queue.dropOldest("/topic/a", 10, 5)).isEqualTo(2);
        a.seal();
        b.seal();
        while (!queue.empty()) {
            queue.writeFirst(wire);
        }
        assertThat(written).containsExactly("b1", "a3");
        slabs.assertAllGivenBack();
    }

    @Test
    void whatTheSessionSaysIsNeverDropped() {
        Batch own = batch(null);
        Batch a = batch("/topic/a");
        add(a, "a1");
        add(own, "receipt");
        add(a, "a2");
        assertThat(queue.controlBytes()).isEqualTo(7);
        assertThat(queue.dropAll()).isEqualTo(2);
        assertThat(queue.bytes()).isEqualTo(7);
        own.seal();
        a.seal();
        queue.writeFirst(wire);
        assertThat(written).containsExactly("receipt");
        slabs.assertAllGivenBack();
    }

    /// One waiting message of the model.
    private record Entry(Batch batch, String text) {
        boolean of(String destination) {
            return destination.equals(batch.destination);
        }
    }

    @Test
    void agreesWithAPlainList() {
        for (long seed = 1; seed <= 500; seed++) {
            new Run(seed).check();
        }
    }

    /// One seed of the comparison.
    private final class Run {
        private final String[] destinations = {"/topic/a", "/topic/b", null};
        private final long seed;
        private final Random random;
        private final OutboundQueue tried = new OutboundQueue();
        private final List<Entry> model = new ArrayList<>();
        private final Batch[] open = new Batch[destinations.length];
        private final StringBuilder expected = new StringBuilder();
        private int texts;

        Run(long seed) {
            this.seed = seed;
            random = new Random(seed);
            written.clear();
        }

        void check() {
            for (int step = 0; step < 120; step++) {
                step();
                agree("seed " + seed + ", step " + step);
            }
            if (random.nextBoolean()) {
                tried.clear();
                model.clear();
            }
            while (!model.isEmpty()) {
                write();
            }
            for (Batch batch : open) {
                if (batch != null) {
                    batch.seal();
                }
            }
            agree("seed " + seed + ", end");
            assertThat(slabs.live).as("seed %d: slabs never given back", seed).isZero();
            assertThat(memory.bytes).as("seed %d: memory", seed).isZero();
        }

        private void step() {
            switch (random.nextInt(20)) {
                case 0 -> endTurn();
                case 1, 2, 3 -> write();
                case 4 -> dropOldest();
                case 5 -> drop(random.nextInt(4) == 0);
                default -> append();
            }
        }

        private void append() {
            int i = random.nextInt(destinations.length);
            if (open[i] == null) {
                open[i] = batch(destinations[i]);
            }
            String text = "<" + texts++ + "x".repeat(random.nextInt(12)) + ">";
            int index = open[i].append(text.length(), out -> out.put(text.getBytes(US_ASCII)));
            // Some messages of a batch are for others only.
            if (random.nextInt(5) > 0) {
                tried.add(open[i], index, text.length());
                model.add(new Entry(open[i], text));
            }
        }

        /// What is written must not move any more, so the batches close first, as in a turn.
        private void endTurn() {
            for (int i = 0; i < open.length; i++) {
                if (open[i] != null) {
                    open[i].seal();
                    open[i] = null;
                }
            }
        }

        private void write() {
            if (model.isEmpty()) {
                return;
            }
            endTurn();
            written.clear();
            tried.writeFirst(wire);
            expected.setLength(0);
            while (expected.length() < written.getFirst().length()) {
                expected.append(model.removeFirst().text);
            }
            assertThat(written).as("seed %d", seed).containsExactly(expected.toString());
        }

        private void dropOldest() {
            String destination = destinations[random.nextInt(2)];
            int bytesMax = random.nextInt(200);
            int length = random.nextInt(40);
            int dropped = 0;
            Iterator<Entry> entries = model.iterator();
            while (entries.hasNext() && bytes() + length > bytesMax) {
                if (entries.next().of(destination)) {
                    entries.remove();
                    dropped++;
                }
            }
            assertThat(tried.dropOldest(destination, bytesMax, length))
                    .as("seed %d", seed)
                    .isEqualTo(dropped);
        }

        private void drop(boolean clear) {
            if (clear) {
                tried.clear();
                model.clear();
                return;
            }
            int before = model.size();
            model.removeIf(entry -> entry.batch.destination != null);
            assertThat(tried.dropAll()).as("seed %d", seed).isEqualTo(before - model.size());
        }

        private long bytes() {
            return model.stream().mapToLong(entry -> entry.text.length()).sum();
        }

        private void agree(String step) {
            assertThat(tried.empty()).as(step).isEqualTo(model.isEmpty());
            assertThat(tried.bytes()).as(step).isEqualTo(bytes());
            assertThat(tried.controlBytes())
                    .as(step)
                    .isEqualTo(
                            model.stream()
                                    .filter(entry -> entry.batch.destination == null)
                                    .mapToLong(entry -> entry.text.length())
                                    .sum());
            Batch last = model.isEmpty() ? null : model.getLast().batch;
            assertThat(tried.lastControl())
                    .as(step)
                    .isSameAs(last == null || last.destination != null ? null : last);
        }
    }
}
