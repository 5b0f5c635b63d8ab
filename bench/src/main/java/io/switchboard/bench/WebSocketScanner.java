package io.switchboard.bench;

import io.switchboard.websocket.PermessageDeflate;
import io.switchboard.websocket.WebSocketConnection;
import io.switchboard.websocket.WebSocketEvent;
import io.switchboard.websocket.WebSocketLimits;
import io.switchboard.websocket.Zlib;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;

/// WebSocket frames from a server. A whole message in one short, unmasked frame is handed on where
/// it lies; every other frame goes through the full decoder, one whole frame at a time, so that
/// between two frames the decoder has nothing of its own in hand but the middle of a message.
final class WebSocketScanner implements StreamScanner {
    private static final byte WHOLE_TEXT = (byte) 0x81;
    private static final byte WHOLE_BINARY = (byte) 0x82;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int MASKED = 0x80;
    private static final int FIN = 0x80;
    private static final int CONTROL = 0x08;

    private final Held payload;
    private final RandomGenerator random;
    private final Inbound inbound;
    private WebSocketConnection decoder;
    private boolean compresses;

    /// The decoder is between the fragments of a message.
    private boolean inMessage;

    WebSocketScanner(Held payload, RandomGenerator random, Inbound inbound) {
        this.payload = payload;
        this.random = random;
        this.inbound = inbound;
        decoder = WebSocketConnection.client(WebSocketLimits.DEFAULT, random);
    }

    /// Before the first frame.
    void compress(PermessageDeflate agreed, Zlib zlib) {
        decoder = WebSocketConnection.client(WebSocketLimits.DEFAULT, random, agreed, zlib);
        compresses = true;
    }

    boolean compresses() {
        return compresses;
    }

    /// A whole one from this side, compressed.
    ByteBuffer message(byte[] content, boolean text) {
        ByteBuffer payload = ByteBuffer.wrap(content);
        return text ? decoder.text(payload) : decoder.binary(payload);
    }

    /// The connection is over.
    void release() {
        decoder.release();
    }

    @Override
    public int scan(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (to - at >= 2) {
            int length = bytes.get(at + 1);
            int head = 2;
            if (length == LENGTH_16) {
                if (to - at < 4) {
                    return at;
                }
                length = (bytes.get(at + 2) & 0xff) << 8 | bytes.get(at + 3) & 0xff;
                head = length < LENGTH_16 ? -1 : 4;
            } else if (length < 0 || length == LENGTH_64) {
                head = -1;
            }
            byte first = bytes.get(at);
            if (head > 0 && !inMessage && (first == WHOLE_TEXT || first == WHOLE_BINARY)) {
                int end = at + head + length;
                if (end > to) {
                    return at;
                }
                payload.receive(bytes, at + head, end);
                at = end;
            } else {
                long frame = frameLength(bytes, at, to);
                if (frame > to - at) {
                    return at;
                }
                decode(bytes.slice(at, (int) frame));
                at += (int) frame;
            }
        }
        return at;
    }

    /// The length of the frame that begins here, or more than there is while that is not known.
    private static long frameLength(ByteBuffer bytes, int at, int to) {
        int second = bytes.get(at + 1);
        int extended =
                switch (second & 0x7f) {
                    case LENGTH_16 -> 2;
                    case LENGTH_64 -> 8;
                    default -> 0;
                };
        int head = 2 + extended + ((second & MASKED) == 0 ? 0 : 4);
        if (to - at < head) {
            return Long.MAX_VALUE;
        }
        long length = extended == 0 ? second & 0x7f : 0;
        for (int i = 0; i < extended; i++) {
            length = length << 8 | bytes.get(at + 2 + i) & 0xff;
        }
        // What the decoder refuses by the header alone need not come whole.
        boolean tooLong = length < 0 || length > WebSocketLimits.DEFAULT.frameLengthMax();
        return tooLong ? to - at : head + length;
    }

    private void decode(ByteBuffer frame) {
        int first = frame.get(frame.position());
        if ((first & CONTROL) == 0) {
            inMessage = (first & FIN) == 0;
        }
        decoder.receive(frame, 0);
        WebSocketEvent event = decoder.next();
        while (!(event instanceof WebSocketEvent.NeedBytes)) {
            switch (event) {
                case WebSocketEvent.Payload(ByteBuffer bytes, boolean _, boolean _) ->
                        payload.receive(bytes, bytes.position(), bytes.limit());
                case WebSocketEvent.PingReceived(ByteBuffer ping) -> {
                    byte[] copy = new byte[ping.remaining()];
                    ping.get(copy);
                    inbound.pong(copy);
                }
                case WebSocketEvent.CloseReceived(int code, String reason) ->
                        inbound.failed("the server closed the connection: " + code + " " + reason);
                case WebSocketEvent.Violation(int _, String rule, String found) ->
                        inbound.failed(
                                "the server broke the WebSocket protocol: expected "
                                        + rule
                                        + " but was "
                                        + found);
                case WebSocketEvent.PongReceived _ -> {}
                case WebSocketEvent.CloseTimedOut _ -> {}
                case WebSocketEvent.NeedBytes _ -> {}
            }
            event = decoder.next();
        }
    }
}
