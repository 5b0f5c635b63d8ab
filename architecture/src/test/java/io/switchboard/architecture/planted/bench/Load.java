package io.switchboard.architecture.planted.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;

/// Allowed here.
final class Load {
    Channel channel;
    ByteBuf buffer;
}
