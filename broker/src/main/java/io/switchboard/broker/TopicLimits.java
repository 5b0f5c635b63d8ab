package io.switchboard.broker;

/// Bounds of what topics keep.
///
/// @param historyBytes of all histories, for the whole node; past it the topic that takes more
///   loses its oldest
public record TopicLimits(long historyBytes) {
    public static final TopicLimits DEFAULT = new TopicLimits(256L << 20);
}
