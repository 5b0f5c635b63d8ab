package io.switchboard.broker;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The places that messages have got in the order of a destination and that may not be filled yet:
/// one is not stored, or its transaction not committed, or one before it is not. They are filled in
/// order; one that is given up leaves a gap. Owned by the destination's home shard.
final class Places {
    private final ArrayDeque<Place> waiting = new ArrayDeque<>(2);
    private final Runnable emptied;
    private boolean moving;

    /// @param emptied what to do whenever none is left, be the last one filled or given up
    Places(Runnable emptied) {
        this.emptied = emptied;
    }

    /// One place. Its owner says once what becomes of it.
    static final class Place {
        private final Places line;
        private final Runnable fill;
        private boolean decided;
        private boolean kept;
        private @Nullable Runnable afterwards;

        private Place(Places line, Runnable fill) {
            this.line = line;
            this.fill = fill;
        }

        /// Its message may go, once those before it have.
        void keep() {
            decide(true);
        }

        /// What to do when the place has been filled.
        void afterwards(Runnable what) {
            afterwards = what;
        }

        /// There will be no message.
        void giveUp() {
            decide(false);
        }

        private void decide(boolean keep) {
            if (decided) {
                throw new IllegalStateException("decided twice");
            }
            decided = true;
            kept = keep;
            line.move();
        }
    }

    boolean empty() {
        return waiting.isEmpty();
    }

    /// @param fill what to do with the message when it may go
    Place open(Runnable fill) {
        Place place = new Place(this, fill);
        waiting.add(place);
        return place;
    }

    /// Filling a place may bring about that another one is decided.
    private void move() {
        if (moving) {
            return;
        }
        moving = true;
        try {
            for (Place first = waiting.peek();
                    first != null && first.decided;
                    first = waiting.peek()) {
                waiting.poll();
                if (first.kept) {
                    first.fill.run();
                    if (first.afterwards != null) {
                        first.afterwards.run();
                    }
                }
            }
        } finally {
            moving = false;
        }
        if (waiting.isEmpty()) {
            emptied.run();
        }
    }
}
