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
            case NACK_IS_ACK,
                    HOLE_HIDDEN,
                    ABORT_COMMITS,
                    WRITTEN_LOST,
                    SYNC_SKIPPED,
                    BATCH_TORN,
                    REMOVED_COMES_BACK,
                    VALUES_FORGOTTEN,
                    RESTORED_BACKWARDS,
                    INCARNATION_KEPT ->
                    1;
            case DENIAL_IGNORED,
                    UNSUBSCRIBE_IGNORED,
                    CLOSE_LOST,
                    RESOLVE_LOST,
                    JOURNAL_FAILS_DONE,
                    TRANSACTION_TORN,
                    TRANSACTION_EARLY,
                    COUNT_FORGOTTEN ->
                    2;
            case ACK_IGNORED,
                    SETTLE_LOST,
                    SELECTOR_IGNORED,
                    CANCEL_LOST,
                    HAND_LOST,
                    WAKE_LOST,
                    RESTORE_FORGETS,
                    PREFETCH_EXCEEDED ->
                    4;
            default -> 20;
        };
    }
}
