package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslHandler;

/// Ends our direction of a connection once everything was written.
///
/// Closing the socket at once would answer whatever the peer still sends with a reset, which makes
/// its system throw away what it has not read yet: the ERROR frame that says why. So the owner goes
/// on reading, to nobody, until the peer ends its direction or a while has passed.
final class LastWords {
    private LastWords() {}

    static void say(Channel channel, ByteBuf bytes) {
        if (channel instanceof Http2StreamChannel) {
            StreamSocket.end(channel, bytes);
            return;
        }
        channel.writeAndFlush(bytes)
                .addListener(written -> {
                    SslHandler tls = channel.pipeline().get(SslHandler.class);
                    if (tls == null) {
                        shutdownOutput(channel);
                    } else {
                        tls.closeOutbound().addListener(closed -> shutdownOutput(channel));
                    }
                });
    }

    /// The peer ended its direction too. What is still on its way goes out first.
    static void closeIfSaid(Channel channel) {
        if (channel instanceof Http2StreamChannel) {
            StreamSocket.closeIfEnded(channel);
        } else if (((DuplexChannel) channel).isOutputShutdown()) {
            channel.close();
        }
    }

    /// Without TLS's farewell, for which a peer that reads nothing would be waited for.
    static void none(Channel channel) {
        if (channel instanceof Http2StreamChannel) {
            channel.close();
        } else {
            channel.unsafe().close(channel.voidPromise());
        }
    }

    private static void shutdownOutput(Channel channel) {
        DuplexChannel socket = (DuplexChannel) channel;
        if (socket.isInputShutdown()) {
            socket.close();
        } else if (socket.isActive()) {
            socket.shutdownOutput();
        }
    }
}
