package io.switchboard.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.zip.CRC32;

/// How what comes back is written down, to be compared word by word.
final class Heard {
    /// The transport ended.
    static final String END = "end";

    /// Nothing came for as long as a case waits.
    static final String SILENCE = "silence";

    /// The other end broke a rule for what it sends.
    static final String BROKEN = "broken: ";

    private static final int SHOWN_MAX = 40;

    private Heard() {}

    static String text(String text) {
        return message(true, text.getBytes(UTF_8));
    }

    static String binary(byte[] bytes) {
        return message(false, bytes);
    }

    static String message(boolean text, byte[] bytes) {
        if (!text) {
            return "binary " + shortened(bytes);
        }
        return isUtf8(bytes) ? "text " + shortened(bytes) : BROKEN + "text that is not UTF-8";
    }

    static String pong(byte[] payload) {
        return "pong " + shortened(payload);
    }

    static String pong(String payload) {
        return pong(payload.getBytes(UTF_8));
    }

    static String close(int code) {
        return "close " + code;
    }

    /// A Close without a code.
    static String close() {
        return "close";
    }

    static boolean isUtf8(byte[] bytes) {
        try {
            UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static String shortened(byte[] bytes) {
        boolean plain = bytes.length <= SHOWN_MAX;
        for (byte each : bytes) {
            plain &= each >= ' ' && each < 0x7f;
        }
        if (plain) {
            return "'" + new String(bytes, UTF_8) + "'";
        }
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return bytes.length + " bytes #" + Long.toHexString(sum.getValue());
    }
}
