package io.switchboard.server;

import io.switchboard.websocket.PermessageDeflate;
import io.switchboard.websocket.Zlib;
import org.jspecify.annotations.Nullable;

/// How WebSocket messages are compressed (permessage-deflate) for clients that offer it.
///
/// @param level from 1, the fastest, to 9, the smallest
/// @param lengthMin messages of fewer bytes leave as they are
public record CompressionOptions(Mode mode, int level, int lengthMin) {
    /// A message of 1 KiB becomes less than half as long for 20 µs of CPU, once for all who get it;
    /// shorter ones cost nearly as much and save little (bench/RESULTS.md).
    public static final CompressionOptions DEFAULT = new CompressionOptions(Mode.ON, 1, 1024);

    public enum Mode {
        OFF("off"),
        /// Each message stands alone, and a MESSAGE for many is compressed once.
        ON("on"),
        /// What is sent may refer back to what was sent before, both ways, where the client is for
        /// it. Then a MESSAGE for many is compressed for each of them, and up to 36 KiB of plain
        /// text are kept for a connection.
        TAKEOVER("takeover");

        private final String text;

        Mode(String text) {
            this.text = text;
        }

        /// As the configuration spells it.
        public String text() {
            return text;
        }
    }

    /// What the server is willing to agree to with a client; null for nothing.
    public @Nullable PermessageDeflate allowed() {
        return switch (mode) {
            case OFF -> null;
            case ON -> PermessageDeflate.NO_CONTEXT;
            case TAKEOVER -> PermessageDeflate.FULL_CONTEXT;
        };
    }

    /// For one event loop.
    public Zlib zlib() {
        return new Zlib(level, lengthMin);
    }
}
