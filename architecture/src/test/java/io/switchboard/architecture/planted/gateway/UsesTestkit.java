package io.switchboard.architecture.planted.gateway;

import io.switchboard.architecture.planted.testkit.VirtualClock;

final class UsesTestkit {
    VirtualClock clock;
}
