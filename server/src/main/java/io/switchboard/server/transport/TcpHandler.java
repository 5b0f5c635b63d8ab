package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.switchboard.broker.Disconnect;
import io.switchboard.gateway.Framing;
import io.switchboard.gateway.Peer;
import java.nio.ByteBuffer;

/// STOMP over TCP, or over TLS: the octets are the session's as they come.
final class TcpHandler extends SocketHandler {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private ByteBuffer input = EMPTY;

    TcpHandler(Terms terms, ShardLoop loop, Channel channel, Peer peer, long acceptedNanos) {
        super(terms, loop, channel, Framing.NONE, peer, acceptedNanos);
    }

    @Override
    void begin(ByteBuffer bytes, long nowNanos) {
        input = bytes;
    }

    @Override
    boolean consume(long nowNanos) {
        if (open() && input.hasRemaining()) {
            if (session.parked()) {
                return false;
            }
            session.receive(input, false, nowNanos);
        }
        input = EMPTY;
        return true;
    }

    /// Here the system's keep-alive and STOMP's heart-beats find the dead.
    @Override
    long silenceNanos() {
        return Long.MAX_VALUE;
    }

    @Override
    void onSilence(long nowNanos) {
        throw new AssertionError("no deadline for silence");
    }

    @Override
    ByteBuf farewell(Disconnect reason, long nowNanos) {
        return Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void close(Disconnect reason) {
        linger(Unpooled.EMPTY_BUFFER, reason);
    }
}
