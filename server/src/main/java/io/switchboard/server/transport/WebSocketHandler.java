package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.switchboard.broker.Disconnect;
import io.switchboard.websocket.KeepAlive;
import io.switchboard.websocket.PermessageDeflate;
import io.switchboard.websocket.WebSocketConnection;
import io.switchboard.websocket.WebSocketEvent.CloseReceived;
import io.switchboard.websocket.WebSocketEvent.CloseTimedOut;
import io.switchboard.websocket.WebSocketEvent.NeedBytes;
import io.switchboard.websocket.WebSocketEvent.Payload;
import io.switchboard.websocket.WebSocketEvent.PingReceived;
import io.switchboard.websocket.WebSocketEvent.PongReceived;
import io.switchboard.websocket.WebSocketEvent.Violation;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A WebSocket from the 101 on, whatever is spoken in it.
final class WebSocketHandler extends SocketHandler {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
    private static final int COMPRESSED_CAPACITY_MIN = 512;

    private final WebSocketConnection connection;

    /// The answer to the latest ping, while the socket does not take it: the one pong that may wait
    /// (RFC 6455 section 5.5.3).
    private @Nullable ByteBuf pong;

    private boolean answered;

    private final KeepAlive keepAlive;

    /// @param deflate what was agreed about compression; null for none
    WebSocketHandler(
            Terms terms,
            ShardLoop loop,
            Channel channel,
            String address,
            @Nullable PermessageDeflate deflate,
            Function<SocketHandler, Conversation> itsConversation) {
        super(terms, loop, channel, address, itsConversation);
        connection = WebSocketConnection.server(terms.webSocket(), deflate, loop.zlib);
        keepAlive = new KeepAlive(terms.pingAfterNanos(), System.nanoTime());
    }

    // --- Bytes in ---

    @Override
    void begin(ByteBuffer bytes, long nowNanos) {
        connection.receive(bytes, nowNanos);
    }

    @Override
    boolean consume(long nowNanos) {
        boolean usedUp = false;
        while (!usedUp && !(open() && (conversation.parked() || waits(nowNanos)))) {
            switch (connection.next()) {
                case Payload(ByteBuffer bytes, boolean text, boolean last) -> {
                    if (open()) {
                        intake.payload(bytes.remaining());
                        conversation.receive(bytes, text, last, nowNanos);
                    }
                }
                case PingReceived(ByteBuffer payload) -> {
                    intake.frame();
                    answer(payload);
                }
                case PongReceived(ByteBuffer payload) -> {
                    intake.frame();
                    conversation.pong(payload);
                }
                case CloseReceived(int code, String reason) -> {
                    ConnectionLog.LOG.debug("{} closes with {}", address, code);
                    conversation.closeReceived(code, reason);
                    // The same code, as is usual (RFC 6455 section 5.5.1).
                    linger(
                            Unpooled.wrappedBuffer(connection.close(code, reason, nowNanos)),
                            Disconnect.GONE);
                }
                case Violation violation -> violated(violation, nowNanos);
                case NeedBytes n -> usedUp = true;
                case CloseTimedOut t -> throw new AssertionError("the handler has the deadline");
            }
        }
        if (answered) {
            answered = false;
            channel.flush();
        }
        return usedUp;
    }

    private void answer(ByteBuffer ping) {
        ByteBuf bytes = Unpooled.wrappedBuffer(connection.pong(ping));
        if (channel.isWritable()) {
            channel.write(bytes, channel.voidPromise());
            answered = true;
        } else {
            dropPong();
            pong = bytes;
        }
    }

    private void dropPong() {
        if (pong != null) {
            pong.release();
            pong = null;
        }
    }

    private void violated(Violation violation, long nowNanos) {
        log(
                Disconnect.WEBSOCKET_VIOLATION,
                "expected that " + violation.rule() + " but was " + violation.found());
        linger(
                Unpooled.wrappedBuffer(
                        connection.close(violation.closeCode(), violation.rule(), nowNanos)),
                Disconnect.WEBSOCKET_VIOLATION);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (pong != null && channel.isWritable()) {
            if (connection.state().maySend()) {
                channel.writeAndFlush(pong, channel.voidPromise());
                pong = null;
            } else {
                dropPong();
            }
        }
        super.channelWritabilityChanged(ctx);
    }

    // --- Bytes out ---

    /// Grows with what comes out, not with what goes in, as it may lie in the socket's queue for
    /// long.
    @Override
    ByteBuf compressed(ByteBuf frames) {
        ByteBuf out = channel.alloc().directBuffer(COMPRESSED_CAPACITY_MIN);
        if (connection.compress(frames.nioBuffer(), out::writeBytes)) {
            frames.release();
            return out;
        }
        out.release();
        return frames;
    }

    // --- Ends ---

    @Override
    ByteBuf farewell(Disconnect reason, long nowNanos) {
        return Unpooled.wrappedBuffer(
                connection.close(reason.closeCode(), reason.text(), nowNanos));
    }

    @Override
    void end(int closeCode, String words, Disconnect reason) {
        if (open()) {
            long nowNanos = System.nanoTime();
            ByteBuffer close = connection.close(closeCode, words, nowNanos);
            channel.writeAndFlush(Unpooled.wrappedBuffer(close), channel.voidPromise());
            closing(nowNanos);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        dropPong();
        connection.release();
        super.channelInactive(ctx);
    }

    // --- Silence ---

    @Override
    void heard(long nowNanos) {
        keepAlive.heard(nowNanos);
    }

    @Override
    long heardNanos() {
        return keepAlive.heardNanos();
    }

    @Override
    long silenceNanos() {
        return keepAlive.deadlineNanos();
    }

    @Override
    void onSilence(long nowNanos) {
        switch (keepAlive.onDeadline(nowNanos)) {
            case NOTHING -> {}
            case PING -> ping();
            case GIVE_UP -> {
                log(
                        Disconnect.PEER_SILENT,
                        "nothing came for " + (nowNanos - heardNanos()) / 1_000_000 + " ms");
                linger(farewell(Disconnect.PEER_SILENT, nowNanos), Disconnect.PEER_SILENT);
            }
        }
    }

    /// Not where the socket takes nothing: there a ping would come behind all that waits.
    @Override
    void ping() {
        if (writable()) {
            ByteBuf ping = Unpooled.wrappedBuffer(connection.ping(EMPTY));
            channel.writeAndFlush(ping, channel.voidPromise());
        }
    }
}
