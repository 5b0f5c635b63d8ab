package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitingLineTest {
    private static final Comparator<Entry> OF_DELIVERY =
            Comparator.comparingInt((Entry entry) -> -entry.priority())
                    .thenComparingLong(entry -> entry.order);

    private final WaitingLine line = new WaitingLine();
    private final Queues home = new Node(1).shards.getFirst().queues();
    private final Queue queue =
            new Queue("/queue/a", Queue.Kind.LASTING, Policies.Policy.DEFAULT, 1, 0, home);
    private long orders;

    private Entry entry(int priority, String color) {
        Message message =
                Message.of("/queue/a", Headers.of("color", color), new byte[0], true)
                        .with(new SendOptions(true, priority, 0, 0, 0));
        Entry entry = new Entry(queue, message, false, 0, 0);
        entry.order = ++orders;
        return entry;
    }

    private static Selector selector(String text) {
        Selector selector = Selector.parse(text).selector();
        assertThat(selector).isNotNull();
        return selector;
    }

    /// The first of a sorted set is what a line of any history has in front; for who has a selector
    /// the first that matches.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theFirstIsTheOneThatASortedSetHasFirst(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeSet<Entry> model = new TreeSet<>(OF_DELIVERY);
        List<Entry> out = new ArrayList<>();
        List<WaitingLine.Cursor> cursors = new ArrayList<>();
        String[] colors = {"red", "green", "blue"};
        for (int i = 0; i < 5_000; i++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    Entry entry = entry(random.nextInt(3) * 4, colors[random.nextInt(3)]);
                    line.add(entry);
                    model.add(entry);
                }
                case 3 -> {
                    if (!out.isEmpty()) {
                        Entry back = out.remove(random.nextInt(out.size()));
                        line.putBack(back);
                        model.add(back);
                    }
                }
                case 4 -> take(line.first(), model, out);
                case 5 -> {
                    if (!cursors.isEmpty()) {
                        take(line.first(cursors.get(random.nextInt(cursors.size()))), model, out);
                    }
                }
                case 6 -> {
                    if (!model.isEmpty()) {
                        Entry any =
                                model.stream()
                                        .skip(random.nextInt(model.size()))
                                        .findFirst()
                                        .orElseThrow();
                        take(any, model, out);
                    }
                }
                default -> {
                    if (cursors.size() < 3) {
                        String color = colors[random.nextInt(3)];
                        cursors.add(line.open(selector("color = '" + color + "'")));
                    } else if (random.nextInt(20) == 0) {
                        line.close(cursors.removeFirst());
                    }
                }
            }
            assertThat(line.count()).isEqualTo(model.size());
            assertThat(line.first()).isSameAs(model.isEmpty() ? null : model.first());
            for (WaitingLine.Cursor cursor : cursors) {
                Entry expected =
                        model.stream()
                                .filter(each -> cursor.selector.matches(each.message(), 0))
                                .findFirst()
                                .orElse(null);
                assertThat(line.first(cursor)).isSameAs(expected);
            }
        }
        List<Entry> all = new ArrayList<>();
        line.forEach(all::add);
        assertThat(all).containsExactlyElementsOf(model);
    }

    private void take(@Nullable Entry entry, TreeSet<Entry> model, List<Entry> out) {
        if (entry != null) {
            line.remove(entry);
            model.remove(entry);
            out.add(entry);
        }
    }

    @Test
    void aLongSearchIsMadeInPieces() {
        for (int i = 0; i < 2_500; i++) {
            line.add(entry(4, "blue"));
        }
        Entry red = entry(4, "red");
        line.add(red);
        WaitingLine.Cursor cursor = line.open(selector("color = 'red'"));
        assertThat(line.first(cursor)).isNull();
        assertThat(cursor.unfinished()).isTrue();
        assertThat(line.first(cursor)).isNull();
        assertThat(line.first(cursor)).isSameAs(red);
        assertThat(cursor.unfinished()).isFalse();
    }
}
