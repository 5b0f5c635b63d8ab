package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What a later message replaces an earlier one in: one key of one destination. All messages of a
/// destination that have no key are values of the same thing.
record Slot(String destination, @Nullable String key) {
    static Slot of(Message message) {
        return new Slot(message.destination(), message.options().key());
    }
}
