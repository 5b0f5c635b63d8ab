package io.switchboard.client;

/// A confirmed subscription of one [StompClient].
///
/// @param destination a name or a pattern
/// @param recovered false where it was to begin in the past (`from`) and something of that was
///   missing: then it got all that there was
public record Subscription(String id, String destination, boolean recovered) {}
