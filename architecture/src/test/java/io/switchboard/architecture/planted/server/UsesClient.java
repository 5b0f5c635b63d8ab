package io.switchboard.architecture.planted.server;

import io.switchboard.architecture.planted.client.Dialler;

final class UsesClient {
    Dialler dialler;
}
