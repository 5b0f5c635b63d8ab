package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.switchboard.broker.Disconnect;
import io.switchboard.gateway.Framing;
import io.switchboard.gateway.Identities;
import io.switchboard.gateway.Peer;
import java.nio.ByteBuffer;

/// STOMP over TCP, or over TLS: the octets are the session's as they come.
final class TcpHandler extends SocketHandler {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private ByteBuffer input = EMPTY;
    private long heardNanos;

    TcpHandler(
            Terms terms,
            ShardLoop loop,
            Channel channel,
            Peer peer,
            Identities identities,
            String listener,
            long acceptedNanos) {
        super(
                terms,
                loop,
                channel,
                peer.address(),
                socket ->
                        new StompConversation(
                                socket,
                                loop.shard(),
                                Framing.NONE,
                                peer,
                                identities,
                                terms.gateway(),
                                listener,
                                acceptedNanos));
    }

    @Override
    void begin(ByteBuffer bytes, long nowNanos) {
        input = bytes;
    }

    @Override
    boolean consume(long nowNanos) {
        if (open() && input.hasRemaining()) {
            if (conversation.parked()) {
                return false;
            }
            conversation.receive(input, false, false, nowNanos);
        }
        input = EMPTY;
        return true;
    }

    @Override
    void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    @Override
    long heardNanos() {
        return heardNanos;
    }

    @Override
    void ping() {}

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
    void end(int closeCode, String words, Disconnect reason) {
        linger(Unpooled.EMPTY_BUFFER, reason);
    }
}
