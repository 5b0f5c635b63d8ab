package io.switchboard.architecture.planted.server;

import io.netty.buffer.ByteBuf;

final class HoldsBuffer {
    ByteBuf buffer;
}
