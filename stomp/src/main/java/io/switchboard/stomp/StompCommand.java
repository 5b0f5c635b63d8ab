package io.switchboard.stomp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The commands of all versions. Which version knows which is [StompVersion#knows].
public enum StompCommand {
    CONNECT,
    STOMP,
    SEND,
    SUBSCRIBE,
    UNSUBSCRIBE,
    BEGIN,
    COMMIT,
    ABORT,
    ACK,
    NACK,
    DISCONNECT,
    CONNECTED,
    MESSAGE,
    RECEIPT,
    ERROR;

    private static final StompCommand[] VALUES = values();

    /// The longest command line that is read before it is refused as unknown; RabbitMQ has the
    /// same.
    static final int LENGTH_MAX = 32;

    /// Never written after this, and seen by the encoder alone.
    @SuppressWarnings("ImmutableEnumChecker")
    private final byte[] line = (name() + "\n").getBytes(StandardCharsets.US_ASCII);

    /// The command line as it is written.
    byte[] line() {
        return line;
    }

    /// True for what a client sends, false for what a server sends.
    public boolean fromClient() {
        return compareTo(CONNECTED) < 0;
    }

    /// True for CONNECT and its alias STOMP.
    public boolean opensSession() {
        return this == CONNECT || this == STOMP;
    }

    /// CONNECT and CONNECTED are neither escaped nor unescaped, so that 1.0 peers understand them
    /// (STOMP 1.2, Value Encoding). The text does not name STOMP, which is the same frame.
    public boolean escaped() {
        return this != CONNECT && this != STOMP && this != CONNECTED;
    }

    /// STOMP 1.2, Body: only SEND, MESSAGE and ERROR may have one. 1.0 has no other use for one.
    public boolean bodyAllowed() {
        return this == SEND || this == MESSAGE || this == ERROR;
    }

    /// The command with exactly this name, or null: commands are case-sensitive, and no prefix or
    /// padding is let through.
    static @Nullable StompCommand of(ByteBuffer line, int from, int to) {
        for (StompCommand command : VALUES) {
            if (command.matches(line, from, to)) {
                return command;
            }
        }
        return null;
    }

    private boolean matches(ByteBuffer line, int from, int to) {
        String name = name();
        if (name.length() != to - from) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (line.get(from + i) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
