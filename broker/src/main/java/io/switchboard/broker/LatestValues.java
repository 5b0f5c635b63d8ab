package io.switchboard.broker;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What waits for the subscriptions of one group with a `max-rate`: the latest message of each
/// [Slot] that at least one of them has not been sent, once for all of them. Owned by its shard.
final class LatestValues {
    private final Batch.Memory memory;
    private final Map<Slot, Value> values = new HashMap<>();

    /// The batches of this turn, by destination.
    final Map<String, Batch> open = new HashMap<>();

    LatestValues(Batch.Memory memory) {
        this.memory = memory;
    }

    /// One slot's message, and where it lies encoded if it was sent in this turn.
    static final class Value {
        final Slot slot;
        Message message;
        Overflow overflow;
        @Nullable Batch batch;
        int index;
        private int holders;

        Value(Slot slot, Message message, Overflow overflow) {
            this.slot = slot;
            this.message = message;
            this.overflow = overflow;
        }
    }

    /// Makes the message its slot's latest, for all who wait for that.
    Value put(Message message, Overflow overflow) {
        Slot slot = Slot.of(message);
        Value value = values.get(slot);
        if (value == null) {
            value = new Value(slot, message, overflow);
            values.put(slot, value);
        } else {
            memory.bytes -= value.message.cost();
            value.message = message;
            value.batch = null;
        }
        memory.bytes += message.cost();
        return value;
    }

    void hold(Value value) {
        value.holders++;
    }

    void letGo(Value value) {
        value.holders--;
        forgetIfUnheld(value);
    }

    void forgetIfUnheld(Value value) {
        if (value.holders == 0 && values.remove(value.slot, value)) {
            memory.bytes -= value.message.cost();
        }
    }
}
