package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Frames to measure with.
final class FrameBytes {
    private FrameBytes() {}

    /// What a client sends: one masked frame.
    static byte[] masked(boolean text, byte[] payload) {
        WebSocketConnection client =
                WebSocketConnection.client(WebSocketLimits.DEFAULT, new SplittableRandom(1));
        ByteBuffer frame =
                text
                        ? client.text(ByteBuffer.wrap(payload))
                        : client.binary(ByteBuffer.wrap(payload));
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    /// So many bytes of UTF-8: letters alone, or every other character longer than one byte.
    static byte[] utf8(int length, boolean ascii) {
        String pattern = ascii ? "the quick brown fox " : "dé süß €uro 日本 😀 ";
        StringBuilder text = new StringBuilder();
        while (text.length() < length) {
            text.append(pattern);
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        // Cut between two characters, and filled up.
        int cut = length;
        while (cut > 0 && (bytes[cut] & 0xc0) == 0x80) {
            cut--;
        }
        byte[] exact = Arrays.copyOf(bytes, length);
        Arrays.fill(exact, cut, length, (byte) ' ');
        return exact;
    }
}
