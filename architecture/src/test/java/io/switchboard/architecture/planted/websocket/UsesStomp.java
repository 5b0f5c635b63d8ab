package io.switchboard.architecture.planted.websocket;

import io.switchboard.architecture.planted.stomp.Innocent;

final class UsesStomp {
    Innocent other;
}
