package io.switchboard.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Durable topics with state in random histories with crashes ([StateHistory]);
/// `-Dsimulation.seed=N` replays one.
class StateSimulationTest {
    private static final int STEPS = 800;
    private static final boolean REPLAY = System.getProperty("simulation.seed") != null;
    private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);
    private static final long HISTORIES = REPLAY ? 1 : 10_000;

    @Test
    void thePromisesAreKeptInEveryHistory() {
        StateHistory.Outcome all = new StateHistory.Outcome(0, 0, 0, 0);
        for (long seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
            try {
                all = all.plus(new StateHistory(seed, Fault.NONE).play(STEPS));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        if (!REPLAY) {
            assertThat(all.receipts()).as("receipts").isGreaterThan(20 * HISTORIES);
            assertThat(all.refused()).as("refused").isGreaterThan(HISTORIES);
            assertThat(all.crashes()).as("crashes").isGreaterThan(HISTORIES / 2);
            assertThat(all.removedAtStart()).as("removed").isGreaterThan(HISTORIES / 4);
        }
    }

    /// Shows that the checks would notice.
    @ParameterizedTest
    @EnumSource(
            names = {
                "JOURNAL_LIES",
                "JOURNAL_FAILS_DONE",
                "JOURNAL_SILENT",
                "SYNC_SKIPPED",
                "RESTORE_FORGETS",
                "POST_LOST",
                "WAKE_LOST"
            })
    void whatIsBrokenIsFound(Fault fault) {
        int found = 0;
        for (long seed = 1; seed <= 100; seed++) {
            try {
                new StateHistory(seed, fault).play(STEPS);
            } catch (AssertionError | RuntimeException e) {
                found++;
            }
        }
        assertThat(found).as("of 100 histories").isGreaterThanOrEqualTo(5);
    }
}
