package io.switchboard.testkit;

import java.util.SplittableRandom;

/// When a [Fault] strikes. Its chance is its own, so that a history without faults goes the same
/// way whether it is asked or not.
final class Faults {
    private final Fault kind;
    private final SplittableRandom random;

    Faults(Fault kind, long seed) {
        this.kind = kind;
        random = new SplittableRandom(~seed);
    }

    boolean strike(Fault fault) {
        return kind == fault && random.nextInt(oneIn(fault)) == 0;
    }

    /// What happens seldom is broken more often.
    private static int oneIn(Fault fault) {
        return switch (fault) {
            case DENIAL_IGNORED, UNSUBSCRIBE_IGNORED, CLOSE_LOST -> 2;
            default -> 20;
        };
    }
}
