package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What a subscription that outlives its connection is to get.
///
/// @param destination canonical
/// @param selector null for all
public record DurableWish(String destination, boolean pattern, @Nullable String selector) {}
