package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// From where a subscriber of a topic wants its messages.
public sealed interface From {
    From NOW = new Now();
    From START = new Start();

    /// What is published from now on.
    record Now() implements From {}

    /// All that the history has.
    record Start() implements From {}

    /// The last ones, at most so many.
    record Last(int count) implements From {}

    /// What arrived in the last so many milliseconds.
    record Age(long millis) implements From {}

    /// What follows the message with that id ([Message#id]).
    record After(long epoch, long sequence) implements From {
        /// Null if no message ever has that id.
        public static @Nullable After message(String id) {
            HeldName name = HeldName.ofMessage(id);
            return name == null || name.sequence() < 0
                    ? null
                    : new After(name.epoch(), name.sequence());
        }
    }

    /// The current value of every key, then every change.
    record State() implements From {}
}
