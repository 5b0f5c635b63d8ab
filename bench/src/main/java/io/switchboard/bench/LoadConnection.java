package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.switchboard.websocket.PermessageDeflate;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One of the many connections: from its [Wire]'s bytes to [Crowd], and back.
final class LoadConnection implements Inbound, Crowd.Sender {
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

    /// Null without WebSocket.
    private final @Nullable WebSocketScanner frames;

    private @Nullable Wire wire;
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
            frames = null;
        } else {
            frames = new WebSocketScanner(protocol, crowd.random, this);
            input = new Held(frames, UNIT_LENGTH_MAX, this);
        }
    }

    // --- From the wire ---

    /// The handshake agreed so; before [#opened].
    void compress(PermessageDeflate agreed) {
        if (frames != null) {
            frames.compress(agreed, crowd.zlib);
        }
    }

    /// The protocol may begin: behind TLS and the WebSocket's handshake, where there are such.
    void opened(Wire itsWire) {
        wire = itsWire;
        if (crowd.connect.length == 0) {
            ready();
        } else {
            write(crowd.connect);
        }
    }

    void receive(ByteBuffer bytes, int from, int to) {
        input.receive(bytes, from, to);
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
            if (wire != null) {
                wire.close();
            }
        }
    }

    // --- To the wire ---

    /// Queues a unit of the protocol; it leaves at the end of the loop's turn.
    void write(byte[] protocol) {
        if (frames == null) {
            open().writeBytes(protocol);
        } else if (frames.compresses()) {
            open().writeBytes(frames.message(protocol, crowd.dialect.text()));
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

    @Override
    public void flush() {
        ByteBuf gathered = out;
        out = null;
        if (gathered == null) {
            return;
        }
        if (wire == null || over) {
            gathered.release();
        } else if (!wire.send(gathered)) {
            failed("the server does not read what is published");
        }
    }

    /// Takes leave without waiting for an answer: the run is over.
    void close() {
        if (wire != null && !over) {
            if (ready && crowd.target.handshakeUrl() != null) {
                ClientFrame.write(
                        open(), ClientFrame.CLOSE, NORMAL_CLOSURE, crowd.random.nextInt());
                flush();
            }
            wire.close();
        }
        over = true;
        if (frames != null) {
            frames.release();
        }
    }
}
