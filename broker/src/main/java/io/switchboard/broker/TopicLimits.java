package io.switchboard.broker;

/// Bounds of what topics keep.
///
/// @param historyBytes of all histories, for the whole node; past it the topic that takes more
///   loses its oldest
/// @param stateKeys of one topic with state; past it a SEND with a further key is refused
/// @param stateBytes of all their values, for the whole node; past it a SEND is refused
public record TopicLimits(long historyBytes, int stateKeys, long stateBytes) {
    public static final TopicLimits DEFAULT = new TopicLimits(256L << 20, 10_000, 256L << 20);

    /// With the usual bounds of values.
    public TopicLimits(long historyBytes) {
        this(historyBytes, DEFAULT.stateKeys, DEFAULT.stateBytes);
    }
}
