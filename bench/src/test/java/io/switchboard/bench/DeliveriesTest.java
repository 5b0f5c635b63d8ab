package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveriesTest {
    /// One publisher, two subscribers: pairs 0 and 1.
    private final Population population = Population.fanout(2, 1);

    private final Deliveries deliveries = new Deliveries(population.pairCount());

    private void take(int pair, long... sequences) {
        for (long each : sequences) {
            deliveries.take(pair, each);
        }
    }

    private void counts(long sent, long received, long lost, long doubled, long reordered) {
        assertThat(
                        new long[] {
                            deliveries.received(),
                            deliveries.lost(population, new long[] {sent}),
                            deliveries.doubled(),
                            deliveries.reordered()
                        })
                .as("received, lost, doubled, reordered")
                .containsExactly(received, lost, doubled, reordered);
    }

    @Test
    void whatRisesByOneIsInOrder() {
        take(0, 1, 2, 3);
        take(1, 1, 2, 3);
        counts(3, 6, 0, 0, 0);
    }

    @Test
    void aJumpIsALoss() {
        take(0, 1, 3);
        take(1, 1, 2, 3);
        counts(3, 5, 1, 0, 0);
    }

    @Test
    void whatDoesNotComeAtTheEndIsLost() {
        take(0, 1);
        take(1, 1, 2, 3);
        counts(3, 4, 2, 0, 0);
    }

    @Test
    void aSubscriberThatHearsNothingHasLostEverything() {
        take(1, 1, 2, 3);
        counts(3, 3, 3, 0, 0);
    }

    @Test
    void whatComesLateIsReordered() {
        take(0, 1, 3, 2);
        take(1, 1, 2, 3);
        counts(3, 6, 0, 0, 1);
    }

    @Test
    void whatComesAgainIsDoubled() {
        take(0, 1, 1, 2, 3);
        take(1, 1, 2, 3, 2);
        counts(3, 6, 0, 2, 0);
    }

    @Test
    void whatComesLateTwiceIsBoth() {
        take(0, 1, 3, 2, 2);
        take(1, 1, 2, 3);
        counts(3, 6, 0, 1, 1);
    }

    @Test
    void everyPairHasItsOwnOrder() {
        Population rooms = Population.rooms(2, 2);
        Deliveries each = new Deliveries(rooms.pairCount());
        for (int pair = 0; pair < rooms.pairCount(); pair++) {
            assertThat(each.take(pair, 1)).isTrue();
        }
        assertThat(each.lost(rooms, new long[] {1, 1, 1, 2})).isEqualTo(2);
    }

    @Test
    void aJumpThatIsTooLongToRememberIsStillCounted() {
        take(0, 3_000_001);
        take(1, 3_000_001);
        counts(3_000_001, 2, 6_000_000, 0, 0);
    }
}
