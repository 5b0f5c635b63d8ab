package io.switchboard.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.testkit.Simulation.Level;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// `-Dsimulation.seed=N` replays one history at each level, `-Dsimulation.histories=N` plays so
/// many.
class SimulationTest {
    private static final int STEPS = 1_000;
    private static final boolean REPLAY = System.getProperty("simulation.seed") != null;
    private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);
    private static final long HISTORIES = Long.getLong("simulation.histories", REPLAY ? 1 : 10_000);

    @ParameterizedTest
    @EnumSource(Level.class)
    void thePromisesAreKeptInEveryHistory(Level level) {
        Outcome all = play(level, HISTORIES);
        if (!REPLAY) {
            assertThat(all.heard()).as("messages heard").isGreaterThan(50 * HISTORIES);
            assertThat(all.receipts()).as("receipts").isGreaterThan(80 * HISTORIES);
            assertThat(all.connections()).as("connections").isGreaterThan(5 * HISTORIES);
            assertThat(all.dropped()).as("dropped").isGreaterThan(HISTORIES);
            assertThat(all.slow()).as("ended for being slow").isGreaterThan(HISTORIES / 2);
            assertThat(all.memory()).as("ended for memory").isGreaterThan(HISTORIES / 20);
            assertThat(all.waits()).as("waits for credit").isGreaterThan(10 * HISTORIES);
            assertThat(all.pending()).as("slow decisions").isGreaterThan(5 * HISTORIES);
            assertThat(all.refused()).as("refused").isGreaterThan(HISTORIES / 2);
            assertThat(all.delivered()).as("from queues").isGreaterThan(8 * HISTORIES);
            assertThat(all.redelivered()).as("redelivered").isGreaterThan(HISTORIES / 2);
            assertThat(all.committed()).as("transactions").isGreaterThan(HISTORIES / 10);
            assertThat(all.storesFailed()).as("failed stores").isGreaterThan(HISTORIES / 4);
            // So that a build has 10,000 of them, over both levels.
            assertThat(all.crashed()).as("histories with a crash").isGreaterThan(HISTORIES / 2);
            assertThat(all.crashes()).as("crashes").isGreaterThan(HISTORIES);
            assertThat(all.duplicates()).as("duplicates").isGreaterThan(HISTORIES / 2);
            assertThat(all.recovered()).as("whole pasts").isGreaterThan(HISTORIES);
            assertThat(all.reads()).as("reads").isGreaterThan(HISTORIES);
        }
    }

    private static Outcome play(Level level, long histories) {
        Outcome all = Outcome.NONE;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + histories; seed++) {
            all = all.plus(Simulation.run(level, seed, STEPS));
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource(Level.class)
    void aSeedAlwaysGivesTheSameHistory(Level level) {
        for (long seed = 1; seed <= 20; seed++) {
            assertThat(Simulation.run(level, seed, STEPS))
                    .as("seed %d", seed)
                    .isEqualTo(Simulation.run(level, seed, STEPS));
        }
    }

    /// Shows that the checker would notice: each way of breaking a port is found in a good part of
    /// the histories, and none of these fails when nothing is broken.
    @ParameterizedTest
    @MethodSource("faults")
    void theCheckerFindsWhatIsBroken(Level level, Fault fault) {
        int found = 0;
        for (long seed = 1; seed <= 100; seed++) {
            if (Simulation.run(level, seed, STEPS, fault) != null) {
                found++;
            }
        }
        if (fault == Fault.NONE) {
            assertThat(found).as("of 100 histories").isZero();
        } else {
            assertThat(found).as("of 100 histories").isGreaterThanOrEqualTo(5);
        }
    }

    static Stream<Arguments> faults() {
        return Stream.of(Level.values())
                .flatMap(level ->
                        Stream.of(Fault.values())
                                .filter(fault -> fault.strikesAt(level))
                                .map(fault -> Arguments.of(level, fault)));
    }
}
