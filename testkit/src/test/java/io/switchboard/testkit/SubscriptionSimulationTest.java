package io.switchboard.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.testkit.SubscriptionChecker.Broken;
import io.switchboard.testkit.SubscriptionChecker.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Durable subscriptions in random histories with crashes ([SubscriptionHistory]);
/// `-Dsimulation.seed=N` replays one, `-Dsimulation.histories=N` plays so many.
class SubscriptionSimulationTest {
    private static final int STEPS = 400;
    private static final boolean REPLAY = System.getProperty("simulation.seed") != null;
    private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);
    private static final long HISTORIES = Long.getLong("simulation.histories", REPLAY ? 1 : 10_000);

    @Test
    void thePromisesAreKeptInEveryHistory() {
        SubscriptionHistory.Outcome all = SubscriptionHistory.Outcome.NONE;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            try {
                all = all.plus(new SubscriptionHistory(seed, Fault.NONE, null).play(STEPS));
            } catch (AssertionError | RuntimeException e) {
                throw failure(seed, e);
            }
        }
        if (!REPLAY) {
            assertThat(all.receipts()).as("receipts").isGreaterThan(50 * HISTORIES);
            assertThat(all.heard()).as("messages heard").isGreaterThan(20 * HISTORIES);
            assertThat(all.again()).as("heard again").isGreaterThan(3 * HISTORIES);
            assertThat(all.settled()).as("acknowledged").isGreaterThan(10 * HISTORIES);
            assertThat(all.ended()).as("ended").isGreaterThan(5 * HISTORIES);
            assertThat(all.takenOver()).as("taken over").isGreaterThan(5 * HISTORIES);
            assertThat(all.crashed())
                    .as("histories with a crash")
                    .isGreaterThan(HISTORIES * 9 / 10);
            assertThat(all.crashes()).as("crashes").isGreaterThan(HISTORIES);
            assertThat(all.dropped()).as("dropped").isGreaterThan(HISTORIES);
            assertThat(all.storesFailed()).as("failed stores").isGreaterThan(HISTORIES);
            assertThat(all.duplicates()).as("duplicates").isGreaterThan(HISTORIES / 10);
        }
    }

    /// The same history once more, written down.
    private static AssertionError failure(long seed, Throwable failure) {
        List<String> trace = new ArrayList<>();
        try {
            new SubscriptionHistory(seed, Fault.NONE, trace).play(STEPS);
        } catch (AssertionError | RuntimeException again) {
            trace.add(String.valueOf(again.getMessage()));
        }
        return new AssertionError(
                "seed %d (replay: -Dsimulation.seed=%d): %s%n  %s"
                        .formatted(
                                seed,
                                seed,
                                failure,
                                String.join(System.lineSeparator() + "  ", trace)),
                failure);
    }

    /// Shows that the checker would notice each promise that is broken, as such.
    @ParameterizedTest
    @CsvSource({
        // What was stored is not there after a start, or is not handed over.
        "RESTORE_FORGETS, WHOLE",
        "VALUES_FORGOTTEN, WHOLE",
        "DELIVERY_LOST, WHOLE",
        "CANCEL_LOST, AGAIN",
        "ACK_IGNORED, SETTLED",
        "REMOVED_COMES_BACK, SETTLED",
        "COUNT_FORGOTTEN, SAID",
        "HAND_DOUBLED, ONCE",
        "POST_OVERTAKES, ORDER",
        "UNSUBSCRIBE_IGNORED, ENDED",
        "SELECTOR_IGNORED, MEANT",
        "JOURNAL_FAILS_DONE, MEANT",
        "JOURNAL_LIES, STORED",
        "SYNC_SKIPPED, STORED",
        "HOLE_HIDDEN, COUNTED",
        "JOURNAL_SILENT, ANSWERED"
    })
    void whatIsBrokenIsFound(Fault fault, Promise promise) {
        int found = 0;
        for (long seed = 1; seed <= 100; seed++) {
            try {
                new SubscriptionHistory(seed, fault, null).play(STEPS);
            } catch (Broken e) {
                found += e.promise == promise ? 1 : 0;
            } catch (AssertionError | RuntimeException e) {
                // Found by somebody else: a disk that is told nonsense, or what is left.
                continue;
            }
        }
        assertThat(found).as("of 100 histories").isGreaterThanOrEqualTo(5);
    }
}
