package io.switchboard.broker;

import java.nio.ByteBuffer;

/// What the journal has of a topic's history beside its messages: a place in the topic's order,
/// under a name.
record HistoryValue(String name, long epoch, long sequence) {
    /// All up to there is gone.
    static final String FLOOR = "floor";

    /// Up to there messages were kept that were not stored: of those nobody knows in a later life
    /// what followed them.
    static final String UNSTORED = "unstored";

    static HistoryValue of(String home, String name, byte[] value) {
        if (value.length != 2 * Long.BYTES || !name.equals(FLOOR) && !name.equals(UNSTORED)) {
            throw new IllegalStateException(
                    "expected the values floor and unstored, a place each, in "
                            + home
                            + " but was "
                            + name
                            + " with "
                            + value.length
                            + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.wrap(value);
        return new HistoryValue(name, bytes.getLong(), bytes.getLong());
    }

    Journal.Change set(String home) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES).putLong(epoch).putLong(sequence);
        return new Journal.Change.Set(home, name, bytes.array());
    }
}
