package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.switchboard.websocket.ClientHandshake;
import io.switchboard.websocket.PermessageDeflate;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A socket of one connection's own: plain, or with a WebSocket that was opened over HTTP/1.1.
final class SocketWire extends ChannelInboundHandlerAdapter implements Wire {
    private static final int HEAD_LENGTH_MAX = 16 * 1024;

    private final Crowd crowd;
    private final LoadConnection connection;
    private @Nullable ClientHandshake handshake;
    private @Nullable ChannelHandlerContext channel;

    SocketWire(Crowd crowd, LoadConnection connection) {
        this.crowd = crowd;
        this.connection = connection;
        if (crowd.target.handshakeUrl() != null) {
            handshake =
                    new ClientHandshake(
                            crowd.target.handshakeUrl(),
                            crowd.dialect.subprotocols(),
                            crowd.deflate,
                            List.of(),
                            crowd.random,
                            HEAD_LENGTH_MAX);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context;
        if (!crowd.target.tls()) {
            begin();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent done) {
            if (done.isSuccess()) {
                begin();
            } else {
                connection.failed("TLS handshake: " + done.cause().getMessage());
            }
        }
    }

    private void begin() {
        if (handshake == null) {
            connection.opened(this);
        } else {
            ByteBuffer request = handshake.request();
            send(crowd.allocator.directBuffer(request.remaining()).writeBytes(request));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf read = (ByteBuf) message;
        crowd.arrived();
        try {
            if (crowd.readBuffer.is(read)) {
                receive(crowd.readBuffer.view(), read.readerIndex(), read.writerIndex());
            } else {
                ByteBuffer bytes = read.nioBuffer();
                receive(bytes, bytes.position(), bytes.limit());
            }
        } finally {
            read.release();
        }
    }

    private void receive(ByteBuffer bytes, int from, int to) {
        if (handshake == null) {
            connection.receive(bytes, from, to);
            return;
        }
        ByteBuffer head = bytes.duplicate().limit(to).position(from);
        switch (handshake.receive(head)) {
            case ClientHandshake.Answer.Accepted accepted -> {
                handshake = null;
                PermessageDeflate agreed = accepted.deflate();
                if (agreed != null) {
                    connection.compress(agreed);
                } else if (crowd.deflate != null) {
                    connection.failed("the server does not agree to compression");
                    return;
                }
                connection.opened(this);
                if (head.hasRemaining()) {
                    connection.receive(bytes, head.position(), to);
                }
            }
            case ClientHandshake.Answer.Refused(int status, String reason, var _) ->
                    connection.failed("the server refused the WebSocket: " + status + " " + reason);
            case ClientHandshake.Answer.Violation(String rule, String found) ->
                    connection.failed(
                            "no WebSocket server answers: expected " + rule + " but was " + found);
            case ClientHandshake.Answer.NeedBytes _ -> {}
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        connection.failed("the server ended the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        connection.failed(cause.toString());
    }

    @Override
    public boolean send(ByteBuf bytes) {
        if (channel == null) {
            bytes.release();
            return true;
        }
        channel.writeAndFlush(bytes, channel.voidPromise());
        return channel.channel().isWritable();
    }

    @Override
    public void close() {
        if (channel != null) {
            channel.close();
        }
    }
}
