package io.switchboard.websocket;

import org.jspecify.annotations.Nullable;

/// The kinds of frame (RFC 6455 section 5.2). The codes that are missing are reserved.
public enum Opcode {
    CONTINUATION(0x0),
    TEXT(0x1),
    BINARY(0x2),
    CLOSE(0x8),
    PING(0x9),
    PONG(0xA);

    final int code;

    Opcode(int code) {
        this.code = code;
    }

    /// Control frames stand between the fragments of a message and are never fragmented themselves
    /// (RFC 6455 section 5.5).
    boolean control() {
        return code >= 0x8;
    }

    static @Nullable Opcode of(int code) {
        return switch (code) {
            case 0x0 -> CONTINUATION;
            case 0x1 -> TEXT;
            case 0x2 -> BINARY;
            case 0x8 -> CLOSE;
            case 0x9 -> PING;
            case 0xA -> PONG;
            default -> null;
        };
    }
}
