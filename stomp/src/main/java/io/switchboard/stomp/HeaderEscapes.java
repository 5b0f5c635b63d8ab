package io.switchboard.stomp;

import java.nio.charset.StandardCharsets;

/// The escapes of header names and values on the way in (STOMP 1.2, Value Encoding).
final class HeaderEscapes {

    private HeaderEscapes() {}

    /// The index of the first undefined escape between the two, or -1. `\r` is undefined in 1.1,
    /// but Spring's encoder sends it there: it is read as CR in both versions.
    static int undefined(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\\') {
                if (i + 1 == to || meaning(bytes[i + 1]) == 0) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    /// Of bytes that [#undefined] has passed; what it has not passed stays as it is.
    static String unescape(byte[] bytes, int from, int to) {
        byte[] plain = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            byte octet = bytes[i];
            if (octet == '\\' && i + 1 < to && meaning(bytes[i + 1]) != 0) {
                octet = meaning(bytes[++i]);
            }
            plain[length++] = octet;
        }
        return new String(plain, 0, length, StandardCharsets.UTF_8);
    }

    private static byte meaning(byte escaped) {
        return switch (escaped) {
            case 'n' -> '\n';
            case 'c' -> ':';
            case '\\' -> '\\';
            case 'r' -> '\r';
            default -> 0;
        };
    }
}
