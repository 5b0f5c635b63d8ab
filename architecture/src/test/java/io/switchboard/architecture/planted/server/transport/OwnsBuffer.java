package io.switchboard.architecture.planted.server.transport;

import io.netty.buffer.ByteBuf;

final class OwnsBuffer {
    ByteBuf buffer;
}
