package io.switchboard.architecture.planted.testkit;

public final class VirtualClock {
    long nowNanos;
}
