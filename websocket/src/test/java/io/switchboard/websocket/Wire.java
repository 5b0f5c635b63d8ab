package io.switchboard.websocket;

import io.switchboard.websocket.WebSocketEvent.Payload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// What tests say about bytes: hex with spaces, masked frames, and the events of a connection with
/// the pieces of a message put together, since where it was cut means nothing.
final class Wire {
    private Wire() {}

    /// A whole or broken-off message, as the pieces of it add up.
    record Message(boolean text, boolean complete, String hex) {}

    static ByteBuffer hex(String hex) {
        return ByteBuffer.wrap(bytes(hex));
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.ofDelimiter(" ").formatHex(copy);
    }

    static String hex(byte[] bytes) {
        return hex(ByteBuffer.wrap(bytes));
    }

    /// All events of these bytes in one piece.
    static List<Object> events(WebSocketConnection connection, byte[] bytes) {
        return events(connection, bytes, bytes.length);
    }

    /// All events of these bytes in pieces of that length.
    static List<Object> events(WebSocketConnection connection, byte[] bytes, int pieceLength) {
        Recorder recorder = new Recorder(connection);
        for (int start = 0; start < bytes.length; start += pieceLength) {
            recorder.receive(bytes, start, Math.min(bytes.length, start + pieceLength));
        }
        return recorder.events();
    }

    /// Feeds copies, since payload is unmasked in place.
    static final class Recorder {
        private final WebSocketConnection connection;
        private final List<Object> events = new ArrayList<>();
        private final StringBuilder message = new StringBuilder();
        private boolean inMessage;
        private boolean text;

        Recorder(WebSocketConnection connection) {
            this.connection = connection;
        }

        void receive(byte[] bytes, int start, int end) {
            receive(ByteBuffer.wrap(bytes.clone(), start, end - start));
        }

        void receive(ByteBuffer bytes) {
            connection.receive(bytes, 0);
            drain();
        }

        void drain() {
            for (var event = connection.next();
                    !(event instanceof WebSocketEvent.NeedBytes);
                    event = connection.next()) {
                record(event);
            }
        }

        /// What came up to here; of a message that is not complete, what there is of it, unless it
        /// broke a rule: how much of such a message came before it was noticed depends on the cuts.
        List<Object> events() {
            List<Object> all = new ArrayList<>(events);
            if (inMessage && !connectionFailed()) {
                all.add(new Message(text, false, message.toString()));
            }
            return all;
        }

        private boolean connectionFailed() {
            return !events.isEmpty() && events.getLast() instanceof WebSocketEvent.Violation;
        }

        private void record(WebSocketEvent event) {
            switch (event) {
                case Payload(var bytes, var isText, var last) -> {
                    message.append(message.isEmpty() || !bytes.hasRemaining() ? "" : " ");
                    message.append(hex(bytes));
                    text = isText;
                    inMessage = !last;
                    if (last) {
                        events.add(new Message(isText, true, message.toString()));
                        message.setLength(0);
                    }
                }
                case WebSocketEvent.PingReceived(var payload) -> events.add("PING " + hex(payload));
                case WebSocketEvent.PongReceived(var payload) -> events.add("PONG " + hex(payload));
                case WebSocketEvent.CloseReceived close -> events.add(close);
                case WebSocketEvent.Violation violation -> events.add(violation);
                case WebSocketEvent.CloseTimedOut timedOut -> events.add(timedOut);
                case WebSocketEvent.NeedBytes needBytes ->
                        throw new AssertionError("the end of events is not one of them");
            }
        }
    }
}
