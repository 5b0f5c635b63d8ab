package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompVersion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is said inside the WebSocket or TCP stream, as bytes that are made once.
sealed interface Dialect permits Dialect.Stomp, Dialect.Nats, Dialect.Raw, QueueDialect {
    /// WebSocket subprotocols to offer.
    List<String> subprotocols();

    /// Destinations, `%d` for the group.
    String destinations();

    /// Empty where the server takes messages as soon as the stream is open.
    byte[] connect();

    /// Empty where there is nothing to subscribe to.
    byte[] subscribe(String destination);

    /// Whether it goes into WebSocket text messages, or binary ones.
    default boolean text() {
        return true;
    }

    /// A message whose stamp is still to be filled in.
    Template message(String destination, int bodyLength);

    StreamScanner scanner(int bodyLength, int mark, Inbound inbound);

    /// @param bytes the whole unit
    /// @param stampAt where its body begins
    /// @param receiptAt where its [ReceiptId] is to stand, or -1
    record Template(byte[] bytes, int stampAt, int receiptAt) {
        Template(byte[] bytes, int stampAt) {
            this(bytes, stampAt, -1);
        }
    }

    static byte[] body(int length) {
        byte[] body = new byte[length];
        for (int i = 0; i < length; i++) {
            body[i] = (byte) ('a' + i % 26);
        }
        return body;
    }

    record Stomp(String host, @Nullable String login, @Nullable String passcode)
            implements Dialect {
        @Override
        public List<String> subprotocols() {
            return List.of(StompVersion.V1_2.subprotocol());
        }

        @Override
        public String destinations() {
            return "/topic/bench.%d";
        }

        @Override
        public byte[] connect() {
            List<String> headers = new ArrayList<>(List.of("accept-version", "1.2", "host", host));
            headers.addAll(List.of("heart-beat", "0,0"));
            if (login != null) {
                headers.addAll(List.of("login", login));
            }
            if (passcode != null) {
                headers.addAll(List.of("passcode", passcode));
            }
            return bytes(StompCommand.CONNECT, headers, new byte[0]);
        }

        @Override
        public byte[] subscribe(String destination) {
            return bytes(
                    StompCommand.SUBSCRIBE,
                    List.of("id", "0", "destination", destination),
                    new byte[0]);
        }

        @Override
        public Template message(String destination, int bodyLength) {
            byte[] bytes =
                    bytes(StompCommand.SEND, List.of("destination", destination), body(bodyLength));
            return new Template(bytes, bytes.length - 1 - bodyLength);
        }

        static byte[] bytes(StompCommand command, List<String> headers, byte[] body) {
            StompFrame frame =
                    new StompFrame(
                            command,
                            StompHeaders.of(headers.toArray(String[]::new)),
                            ByteBuffer.wrap(body));
            ByteBuffer encoded = StompEncoder.encode(frame, StompVersion.V1_2);
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        }

        @Override
        public StreamScanner scanner(int bodyLength, int mark, Inbound inbound) {
            return new StompScanner(bodyLength, mark, inbound);
        }

        /// For logs: no passcode.
        @Override
        public String toString() {
            return "STOMP";
        }
    }

    record Nats() implements Dialect {
        @Override
        public boolean text() {
            return false;
        }

        @Override
        public List<String> subprotocols() {
            return List.of();
        }

        @Override
        public String destinations() {
            return "bench.%d";
        }

        @Override
        public byte[] connect() {
            return "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":true}\r\nPING\r\n"
                    .getBytes(US_ASCII);
        }

        @Override
        public byte[] subscribe(String destination) {
            return ("SUB " + destination + " 1\r\n").getBytes(UTF_8);
        }

        @Override
        public Template message(String destination, int bodyLength) {
            byte[] head = ("PUB " + destination + " " + bodyLength + "\r\n").getBytes(UTF_8);
            byte[] bytes = new byte[head.length + bodyLength + 2];
            System.arraycopy(head, 0, bytes, 0, head.length);
            System.arraycopy(body(bodyLength), 0, bytes, head.length, bodyLength);
            bytes[bytes.length - 2] = '\r';
            bytes[bytes.length - 1] = '\n';
            return new Template(bytes, head.length);
        }

        @Override
        public StreamScanner scanner(int bodyLength, int mark, Inbound inbound) {
            return new NatsScanner(bodyLength, mark, inbound);
        }
    }

    /// No protocol at all: the body is the WebSocket message, and comes back.
    record Raw(boolean text) implements Dialect {
        private static final byte[] NOTHING = {};

        @Override
        public List<String> subprotocols() {
            return List.of();
        }

        @Override
        public String destinations() {
            return "%d";
        }

        @Override
        public byte[] connect() {
            return NOTHING;
        }

        @Override
        public byte[] subscribe(String destination) {
            return NOTHING;
        }

        @Override
        public Template message(String destination, int bodyLength) {
            return new Template(body(bodyLength), 0);
        }

        @Override
        public StreamScanner scanner(int bodyLength, int mark, Inbound inbound) {
            return new RawScanner(bodyLength, mark, inbound);
        }
    }
}
