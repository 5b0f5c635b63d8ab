package io.switchboard.client;

/// A confirmed subscription of one [StompClient].
///
/// @param destination a name or a pattern
public record Subscription(String id, String destination) {}
