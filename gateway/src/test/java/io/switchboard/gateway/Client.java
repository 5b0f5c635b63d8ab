package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Slab;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompLimits;
import io.switchboard.stomp.StompVersion;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A client of a [Node] with the session that serves it: sends text, remembers what came.
final class Client implements Transport {
    private static final Framing LENGTH_PREFIXED = new TestFraming();

    final StompSession session;
    final List<String> pieces = new ArrayList<>();
    @Nullable Disconnect closed;
    @Nullable Disconnect ending;
    boolean writable = true;
    int resumed;
    int pings;

    /// Of a life that is no STOMP.
    private long heardNanos;

    private final Node node;
    private final ByteArrayOutputStream wire = new ByteArrayOutputStream();
    private final StompConnection decoder = StompConnection.client(StompLimits.DEFAULT);
    private final List<StompFrame> frames = new ArrayList<>();
    int heartBeats;

    /// A framing of one marker byte (T, B or C) and the length, so that text and binary show.
    static class TestFraming implements Framing {
        @Override
        public int headerLength(int payloadLength) {
            return payloadLength < 100 ? 2 : 5;
        }

        @Override
        public void putHeader(ByteBuffer out, boolean text, boolean compressed, int payloadLength) {
            out.put((byte) (compressed ? 'C' : text ? 'T' : 'B'));
            if (payloadLength < 100) {
                out.put((byte) payloadLength);
            } else {
                out.putInt(payloadLength);
            }
        }
    }

    Client(Node node) {
        this(node, new Peer("127.0.0.1:5", true, null));
    }

    Client(Node node, Peer peer) {
        this(node, peer, 0);
    }

    Client(Node node, Peer peer, int shard) {
        this(node, peer, shard, LENGTH_PREFIXED);
    }

    Client(Node node, Framing framing) {
        this(node, new Peer("127.0.0.1:5", true, null), 0, framing);
    }

    Client(Node node, Identities identities) {
        this(node, new Peer("127.0.0.1:5", true, null), 0, LENGTH_PREFIXED, identities);
    }

    private Client(Node node, Peer peer, int shard, Framing framing) {
        this(node, peer, shard, framing, Identities.believing(peer));
    }

    private Client(Node node, Peer peer, int shard, Framing framing, Identities identities) {
        this.node = node;
        heardNanos = node.nowNanos;
        session =
                new StompSession(
                        node.shards.get(shard),
                        this,
                        framing,
                        peer,
                        identities,
                        node.options,
                        node.nowNanos);
    }

    /// `^` stands for the NUL at a frame's end.
    Client send(String text) {
        return send(text, true);
    }

    Client send(String text, boolean inText) {
        sendQuietly(text, inText);
        node.settle();
        return this;
    }

    /// Without letting the node work.
    void sendQuietly(String text, boolean inText) {
        byte[] bytes = text.replace('^', '\0').getBytes(StandardCharsets.UTF_8);
        session.receive(ByteBuffer.wrap(bytes), inText, node.nowNanos);
    }

    Client connect(String... headers) {
        StringBuilder text = new StringBuilder("CONNECT\naccept-version:1.2\nhost:h\n");
        for (String header : headers) {
            text.append(header).append('\n');
        }
        send(text + "\n^");
        StompFrame connected = next();
        if (connected.command() != StompCommand.CONNECTED) {
            throw new AssertionError(connected);
        }
        return this;
    }

    /// A sign of life that the transport alone sees.
    void pong() {
        heardNanos = node.nowNanos;
    }

    /// Of an older version.
    Client connectAs(String version) {
        send(version.equals("1.0") ? "CONNECT\n\n^" : "CONNECT\naccept-version:1.1\nhost:h\n\n^");
        StompFrame connected = next();
        if (!version.equals(connected.headers().get("version"))) {
            throw new AssertionError(connected);
        }
        return this;
    }

    void after(long nanos) {
        node.nowNanos += nanos;
        session.onDeadline(node.nowNanos);
        node.settle();
    }

    /// The oldest frame not yet taken.
    StompFrame next() {
        decode();
        if (frames.isEmpty()) {
            throw new AssertionError("nothing came");
        }
        return frames.removeFirst();
    }

    /// The oldest frame not yet taken, which is an ERROR for this reason; nothing more is said of
    /// whether the connection goes on.
    StompFrame error(Disconnect reason) {
        StompFrame error = next();
        if (error.command() != StompCommand.ERROR
                || !reason.text().equals(error.headers().get("message"))) {
            throw new AssertionError(reason + " expected but was " + error + body(error));
        }
        return error;
    }

    /// The next frame is an ERROR, and the last.
    StompFrame refused(Disconnect reason) {
        StompFrame error = error(reason);
        if (!nothingCame() || closed != reason) {
            throw new AssertionError("the connection goes on after " + error);
        }
        return error;
    }

    /// The next frame is a MESSAGE.
    StompFrame message() {
        StompFrame message = next();
        if (message.command() != StompCommand.MESSAGE) {
            throw new AssertionError(message + body(message));
        }
        return message;
    }

    /// The `ack` of the next MESSAGE, whose body is this.
    String ackOf(String body) {
        StompFrame message = message();
        if (!body(message).equals(body)) {
            throw new AssertionError(body + " expected but was " + body(message));
        }
        return String.valueOf(message.headers().get("ack"));
    }

    /// The bodies of all MESSAGEs that came.
    List<String> bodies() {
        List<String> bodies = new ArrayList<>();
        while (!nothingCame()) {
            bodies.add(body(message()));
        }
        return bodies;
    }

    boolean nothingCame() {
        decode();
        return frames.isEmpty();
    }

    private void decode() {
        for (String piece : takePieces()) {
            byte[] bytes = piece.substring(1).getBytes(StandardCharsets.ISO_8859_1);
            decoder.receive(ByteBuffer.wrap(bytes), node.nowNanos);
            for (StompEvent event = decoder.next();
                    !(event instanceof StompEvent.NeedBytes);
                    event = decoder.next()) {
                switch (event) {
                    case StompEvent.FrameReceived(StompFrame frame) -> {
                        ByteBuffer copy = ByteBuffer.allocate(frame.body().remaining());
                        copy.put(frame.body()).flip();
                        frames.add(new StompFrame(frame.command(), frame.headers(), copy));
                        if (frame.command() == StompCommand.CONNECTED) {
                            String version = frame.headers().get("version");
                            decoder.version(
                                    Objects.requireNonNull(
                                            StompVersion.of(Objects.requireNonNull(version))));
                        }
                    }
                    case StompEvent.HeartbeatReceived h -> heartBeats++;
                    default -> throw new AssertionError(event);
                }
            }
        }
    }

    /// Unwraps what the wire holds: marker and payload, one string each.
    List<String> takePieces() {
        ByteBuffer in = ByteBuffer.wrap(wire.toByteArray());
        wire.reset();
        List<String> taken = new ArrayList<>();
        while (in.hasRemaining()) {
            char marker = (char) in.get();
            int length = in.get(in.position());
            if (length == 0) {
                length = in.getInt();
            } else {
                in.get();
            }
            byte[] payload = new byte[length];
            in.get(payload);
            taken.add(marker + new String(payload, StandardCharsets.ISO_8859_1));
        }
        pieces.addAll(taken);
        return taken;
    }

    /// What the wire holds, as it is.
    String takeOctets() {
        String octets = wire.toString(StandardCharsets.UTF_8);
        wire.reset();
        return octets;
    }

    static String body(StompFrame frame) {
        return StandardCharsets.UTF_8.decode(frame.body().duplicate()).toString();
    }

    static String text(StompCommand command, String... headers) {
        ByteBuffer bytes =
                StompEncoder.encode(
                        new StompFrame(command, StompHeaders.of(headers)), StompVersion.V1_2);
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public void write(Slab slab, int offset, int length) {
        byte[] bytes = new byte[length];
        slab.bytes().get(offset, bytes);
        wire.writeBytes(bytes);
    }

    @Override
    public void flush() {}

    @Override
    public long heardNanos() {
        return heardNanos;
    }

    @Override
    public void ping() {
        pings++;
    }

    @Override
    public void resume() {
        resumed++;
    }

    @Override
    public void ending(Disconnect reason, String detail) {
        ending = reason;
    }

    @Override
    public void close(Disconnect reason) {
        closed = reason;
    }
}
