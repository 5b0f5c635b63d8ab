package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/// Sec-WebSocket-Key and its answer, which shows that the other side speaks WebSocket and did not
/// just echo (RFC 6455 sections 4.1 and 4.2.2).
final class HandshakeKey {
    static final int LENGTH = 16;

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private HandshakeKey() {}

    /// Whether this is the one base64 text of some 16 bytes: alphabet, padding, and zeros in the
    /// bits that the last character has to spare.
    static boolean valid(String key) {
        if (key.length() != 24) {
            return false;
        }
        try {
            byte[] decoded = Base64.getDecoder().decode(key);
            return decoded.length == LENGTH
                    && Base64.getEncoder().encodeToString(decoded).equals(key);
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    static String accept(String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every Java platform has SHA-1", missing);
        }
    }
}
