package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.websocket.WebSocketEvent.Payload;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

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

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /// A frame as a client sends it, written without the code under test.
    static byte[] masked(int firstByte, byte[] payload) {
        return frame(firstByte, payload, new byte[] {0x37, (byte) 0xfa, 0x21, 0x3d});
    }

    static byte[] masked(int firstByte, String hexPayload) {
        return masked(firstByte, bytes(hexPayload));
    }

    /// A frame as a server sends it.
    static byte[] unmasked(int firstByte, byte[] payload) {
        return frame(firstByte, payload, new byte[0]);
    }

    static byte[] frame(int firstByte, byte[] payload, byte[] key) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(firstByte);
        int maskBit = key.length == 0 ? 0 : 0x80;
        if (payload.length < 126) {
            out.write(maskBit | payload.length);
        } else if (payload.length < 0x10000) {
            out.write(maskBit | 126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        } else {
            out.write(maskBit | 127);
            out.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        out.writeBytes(key);
        for (int i = 0; i < payload.length; i++) {
            out.write(key.length == 0 ? payload[i] : payload[i] ^ key[i % 4]);
        }
        return out.toByteArray();
    }

    static WebSocketConnection server() {
        return WebSocketConnection.server(WebSocketLimits.DEFAULT);
    }

    static WebSocketConnection client() {
        return WebSocketConnection.client(WebSocketLimits.DEFAULT, new Random(1));
    }

    static Message text(String text) {
        return new Message(true, true, hex(text.getBytes(UTF_8)));
    }

    static Message binary(String hex) {
        return new Message(false, true, hex);
    }

    /// The close code of the violation that must be the only or last event.
    static int violation(List<Object> events) {
        assertThat(events).isNotEmpty();
        assertThat(events.getLast()).isInstanceOf(WebSocketEvent.Violation.class);
        return ((WebSocketEvent.Violation) events.getLast()).closeCode();
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
