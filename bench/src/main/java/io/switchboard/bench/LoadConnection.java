package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.switchboard.websocket.ClientHandshake;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One of the many connections: from its socket's bytes to [Crowd], and back.
final class LoadConnection extends ChannelInboundHandlerAdapter implements Inbound {
    private static final int HEAD_LENGTH_MAX = 16 * 1024;

    /// Of one frame, in front of which the socket's bytes wait; well past all that is tested.
    private static final int UNIT_LENGTH_MAX = 17 << 20;

    private static final int OUT_CAPACITY = 1024;

    /// 1000 (RFC 6455 section 7.4.1).
    private static final byte[] NORMAL_CLOSURE = {0x03, (byte) 0xe8};

    final int number;
    final int group;
    final int firstPair;

    /// Has it heard a probe?
    boolean probed;

    private final Crowd crowd;
    private final Held input;
    private @Nullable ClientHandshake handshake;
    private @Nullable ChannelHandlerContext channel;
    private @Nullable ByteBuf out;
    private boolean ready;
    private boolean over;

    LoadConnection(int number, Crowd crowd) {
        this.number = number;
        this.crowd = crowd;
        group = crowd.population.groupOf(number);
        firstPair = crowd.population.firstPairOf(number);
        Held protocol =
                new Held(
                        crowd.dialect.scanner(crowd.bodyLength, crowd.mark, this),
                        UNIT_LENGTH_MAX,
                        this);
        if (crowd.target.handshakeUrl() == null) {
            input = protocol;
        } else {
            WebSocketScanner frames = new WebSocketScanner(protocol, crowd.random, this);
            input = new Held(frames, UNIT_LENGTH_MAX, this);
            handshake =
                    new ClientHandshake(
                            crowd.target.handshakeUrl(),
                            crowd.dialect.subprotocols(),
                            List.of(),
                            crowd.random,
                            HEAD_LENGTH_MAX);
        }
    }

    // --- From the socket ---

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
                failed("TLS handshake: " + done.cause().getMessage());
            }
        }
    }

    private void begin() {
        if (handshake != null) {
            open().writeBytes(handshake.request());
        } else {
            connect();
        }
    }

    private void connect() {
        if (crowd.connect.length == 0) {
            ready();
        } else {
            write(crowd.connect);
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
            input.receive(bytes, from, to);
            return;
        }
        ByteBuffer head = bytes.duplicate().limit(to).position(from);
        switch (handshake.receive(head)) {
            case ClientHandshake.Answer.Accepted _ -> {
                handshake = null;
                connect();
                if (head.hasRemaining()) {
                    input.receive(bytes, head.position(), to);
                }
            }
            case ClientHandshake.Answer.Refused(int status, String reason, var _) ->
                    failed("the server refused the WebSocket: " + status + " " + reason);
            case ClientHandshake.Answer.Violation(String rule, String found) ->
                    failed("no WebSocket server answers: expected " + rule + " but was " + found);
            case ClientHandshake.Answer.NeedBytes _ -> {}
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        failed("the server ended the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failed(cause.toString());
    }

    // --- From the scanners ---

    @Override
    public void stamped(ByteBuffer bytes, int at) {
        crowd.deliver(
                this,
                Stamp.publisher(bytes, at),
                Stamp.sequence(bytes, at),
                Stamp.nanos(bytes, at));
    }

    @Override
    public void redelivered(ByteBuffer bytes, int at) {
        crowd.redeliver(this, Stamp.publisher(bytes, at), Stamp.sequence(bytes, at));
    }

    @Override
    public void receipt(String id) {
        crowd.receipt(id);
    }

    @Override
    public void foreign() {
        crowd.foreign++;
    }

    @Override
    public void bad() {
        crowd.bad++;
    }

    @Override
    public void ready() {
        if (!ready) {
            ready = true;
            byte[] subscribe = crowd.dialect.subscribe(crowd.destination(group));
            if (crowd.population.subscribes(number) && subscribe.length > 0) {
                write(subscribe);
            }
            crowd.ready();
        }
    }

    @Override
    public void answer(byte[] protocol) {
        write(protocol);
    }

    @Override
    public void pong(byte[] payload) {
        ClientFrame.write(open(), ClientFrame.PONG, payload, crowd.random.nextInt());
    }

    @Override
    public void failed(String reason) {
        if (!over) {
            over = true;
            crowd.failed("connection " + number + ": " + reason);
            if (channel != null) {
                channel.close();
            }
        }
    }

    // --- To the socket ---

    /// Queues a unit of the protocol; it leaves at the end of the loop's turn.
    void write(byte[] protocol) {
        if (crowd.target.handshakeUrl() == null) {
            open().writeBytes(protocol);
        } else {
            int opcode = crowd.dialect.text() ? ClientFrame.TEXT : ClientFrame.BINARY;
            ClientFrame.write(open(), opcode, protocol, crowd.random.nextInt());
        }
    }

    /// What is gathered in this turn.
    private ByteBuf open() {
        if (out == null) {
            out = crowd.allocator.directBuffer(OUT_CAPACITY);
            crowd.dirty(this);
        }
        return out;
    }

    void flush() {
        ByteBuf gathered = out;
        out = null;
        if (gathered == null) {
            return;
        }
        if (channel == null || over) {
            gathered.release();
        } else {
            channel.writeAndFlush(gathered, channel.voidPromise());
            if (!channel.channel().isWritable()) {
                failed("the server does not read what is published");
            }
        }
    }

    /// Takes leave without waiting for an answer: the run is over.
    void close() {
        if (channel != null && !over) {
            if (ready && crowd.target.handshakeUrl() != null) {
                ClientFrame.write(
                        open(), ClientFrame.CLOSE, NORMAL_CLOSURE, crowd.random.nextInt());
                flush();
            }
            channel.close();
        }
        over = true;
    }
}
