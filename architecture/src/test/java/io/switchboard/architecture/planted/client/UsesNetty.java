package io.switchboard.architecture.planted.client;

import io.netty.channel.Channel;

final class UsesNetty {
    Channel channel;
}
