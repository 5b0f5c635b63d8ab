package io.switchboard.stomp;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.stomp.StompEvent.FrameReceived;
import io.switchboard.stomp.StompEvent.NeedBytes;
import io.switchboard.stomp.StompEvent.Violation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;

/// One side of a connection and what it told so far. Bodies are copied, since they are only lent.
@NullUnmarked
final class Wire {

    final StompConnection connection;
    final List<StompEvent> events = new ArrayList<>();

    private Wire(StompConnection connection, StompVersion version) {
        this.connection = connection;
        if (version != null) {
            connection.version(version);
        }
    }

    /// A server with a settled version, or before CONNECT when it is null.
    static Wire server(StompVersion version) {
        return server(version, StompLimits.DEFAULT);
    }

    static Wire server(StompVersion version, StompLimits limits) {
        return new Wire(StompConnection.server(limits), version);
    }

    static Wire client(StompVersion version) {
        return client(version, StompLimits.DEFAULT);
    }

    static Wire client(StompVersion version, StompLimits limits) {
        return new Wire(StompConnection.client(limits), version);
    }

    Wire receive(String text) {
        return receive(text.getBytes(UTF_8));
    }

    Wire receive(byte[] bytes) {
        return receive(ByteBuffer.wrap(bytes));
    }

    Wire receive(ByteBuffer bytes) {
        connection.receive(bytes, 0);
        drain();
        // The lender may write into its buffer again.
        if (bytes.hasArray()) {
            Arrays.fill(bytes.array(), (byte) 0x55);
        }
        return this;
    }

    void drain() {
        for (StompEvent event = connection.next();
                !(event instanceof NeedBytes);
                event = connection.next()) {
            events.add(
                    event instanceof FrameReceived(var frame)
                            ? new FrameReceived(kept(frame))
                            : event);
        }
    }

    private static StompFrame kept(StompFrame frame) {
        ByteBuffer body = ByteBuffer.allocate(frame.body().remaining());
        return new StompFrame(frame.command(), frame.headers(), body.put(frame.body()).flip());
    }

    /// Octet by octet.
    Wire drip(byte[] bytes) {
        for (byte octet : bytes) {
            receive(new byte[] {octet});
        }
        return this;
    }

    List<StompFrame> frames() {
        return events.stream()
                .filter(FrameReceived.class::isInstance)
                .map(event -> ((FrameReceived) event).frame())
                .toList();
    }

    /// The only event, which is a frame.
    StompFrame frame() {
        if (events.size() == 1 && events.getFirst() instanceof FrameReceived(var frame)) {
            return frame;
        }
        throw new AssertionError("expected one frame but was " + events);
    }

    /// The last event, which is a violation.
    Violation violation() {
        if (!events.isEmpty() && events.getLast() instanceof Violation violation) {
            return violation;
        }
        throw new AssertionError("expected a violation at last but was " + events);
    }

    static String text(StompFrame frame) {
        return UTF_8.decode(frame.body().duplicate()).toString();
    }

    /// The encoder counts the body itself.
    static StompHeaders withoutLength(StompHeaders headers) {
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < headers.size(); i++) {
            if (!headers.name(i).equals("content-length")) {
                kept.addAll(List.of(headers.name(i), headers.value(i)));
            }
        }
        return StompHeaders.of(kept.toArray(String[]::new));
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
