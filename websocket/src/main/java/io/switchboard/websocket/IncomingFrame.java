package io.switchboard.websocket;

import io.switchboard.websocket.WebSocketEvent.Violation;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The frame that is arriving: its header as far as it has come, then how much of its payload is
/// still to come. Keeps the rules that a frame can break alone (RFC 6455 sections 5.2 and 5.5);
/// those of messages and limits are [WebSocketConnection]'s.
///
/// Each byte is judged as soon as it is there, so what is found does not depend on how the stream
/// was cut. A header that is cut waits in these few numbers: there is no buffer for it. Owned by
/// the connection.
final class IncomingFrame {
    private enum Stage {
        FIRST_BYTE,
        SECOND_BYTE,
        LENGTH_16,
        LENGTH_64,
        MASK_KEY,
        PAYLOAD
    }

    private final boolean masked;
    private final boolean compression;

    private Stage stage = Stage.FIRST_BYTE;

    /// Bytes that the length or the mask key still lacks.
    private int missing;

    private boolean fin;
    private boolean compressed;
    private Opcode opcode = Opcode.CONTINUATION;

    /// The length as far as it has come, then the payload that has not come yet.
    private long payloadLeft;

    /// As [Masking] wants it, turned to the next byte of the payload.
    private int maskKey;

    /// @param masked whether the peer is a client and so must mask (RFC 6455 section 5.1)
    /// @param compression whether permessage-deflate was agreed
    IncomingFrame(boolean masked, boolean compression) {
        this.masked = masked;
        this.compression = compression;
    }

    boolean fin() {
        return fin;
    }

    /// Whether the message that begins with this frame is compressed (RFC 7692 section 6).
    boolean compressed() {
        return compressed;
    }

    Opcode opcode() {
        return opcode;
    }

    long payloadLeft() {
        return payloadLeft;
    }

    boolean headerComplete() {
        return stage == Stage.PAYLOAD;
    }

    /// Takes bytes up to the end of the header or of the input.
    @Nullable Violation readHeader(ByteBuffer input) {
        while (stage != Stage.PAYLOAD && input.hasRemaining()) {
            int next = input.get() & 0xff;
            Violation violation =
                    switch (stage) {
                        case FIRST_BYTE -> firstByte(next);
                        case SECOND_BYTE -> secondByte(next);
                        case LENGTH_16 -> lengthByte(next, FrameHeader.LENGTH_16);
                        case LENGTH_64 -> lengthByte(next, 0x1_0000);
                        case MASK_KEY -> maskKeyByte(next);
                        case PAYLOAD -> throw new AssertionError(stage);
                    };
            if (violation != null) {
                return violation;
            }
        }
        return null;
    }

    /// The next piece of the payload, unmasked where it lies; empty if none is there.
    ByteBuffer takePayload(ByteBuffer input) {
        int length = (int) Math.min(payloadLeft, input.remaining());
        ByteBuffer piece = input.slice(input.position(), length);
        input.position(input.position() + length);
        payloadLeft -= length;
        if (masked) {
            maskKey = Masking.apply(piece, maskKey);
        }
        return piece;
    }

    /// Makes ready for the header of the frame that follows.
    void end() {
        assert payloadLeft == 0 : payloadLeft;
        stage = Stage.FIRST_BYTE;
    }

    private @Nullable Violation firstByte(int octet) {
        int reserved = octet & FrameHeader.RESERVED;
        if (reserved != 0 && !(compression && reserved == FrameHeader.COMPRESSED)) {
            return broken("reserved bits are 0 without an extension", "first byte", octet);
        }
        Opcode found = Opcode.of(octet & FrameHeader.OPCODE);
        if (found == null) {
            return broken("opcode is 0 to 2 or 8 to 10", "first byte", octet);
        }
        opcode = found;
        compressed = reserved != 0;
        if (compressed && opcode != Opcode.TEXT && opcode != Opcode.BINARY) {
            return broken(
                    "the bit for compression is in the first frame of a message",
                    "first byte",
                    octet);
        }
        fin = (octet & FrameHeader.FIN) != 0;
        if (opcode.control() && !fin) {
            return broken("control frames are not fragmented", "first byte", octet);
        }
        stage = Stage.SECOND_BYTE;
        return null;
    }

    private @Nullable Violation secondByte(int octet) {
        boolean maskBit = (octet & FrameHeader.MASK) != 0;
        if (maskBit != masked) {
            return masked
                    ? broken("frames from a client are masked", "second byte", octet)
                    : broken("frames from a server are not masked", "second byte", octet);
        }
        int length = octet & FrameHeader.LENGTH;
        if (opcode.control() && length > FrameHeader.CONTROL_PAYLOAD_MAX) {
            return broken("control frames have at most 125 bytes", "second byte", octet);
        }
        if (opcode == Opcode.CLOSE && length == 1) {
            return broken("a Close has no payload or a code of 2 bytes", "second byte", octet);
        }
        payloadLeft = 0;
        switch (length) {
            case FrameHeader.LENGTH_16 -> await(Stage.LENGTH_16, Short.BYTES);
            case FrameHeader.LENGTH_64 -> await(Stage.LENGTH_64, Long.BYTES);
            default -> {
                payloadLeft = length;
                lengthComplete();
            }
        }
        return null;
    }

    private @Nullable Violation lengthByte(int octet, int shortest) {
        if (missing == Long.BYTES && octet > 0x7f) {
            return broken("top bit of a length is 0", "length", octet);
        }
        payloadLeft = payloadLeft << Byte.SIZE | octet;
        missing--;
        if (missing == 0) {
            if (payloadLeft < shortest) {
                return new Violation(
                        CloseCode.PROTOCOL_ERROR,
                        "lengths are in their shortest form",
                        "length " + payloadLeft + " in more bytes than it needs");
            }
            lengthComplete();
        }
        return null;
    }

    private void lengthComplete() {
        if (masked) {
            await(Stage.MASK_KEY, FrameHeader.MASK_KEY_LENGTH);
        } else {
            stage = Stage.PAYLOAD;
        }
    }

    private @Nullable Violation maskKeyByte(int octet) {
        maskKey = maskKey >>> Byte.SIZE | octet << (Integer.SIZE - Byte.SIZE);
        missing--;
        if (missing == 0) {
            stage = Stage.PAYLOAD;
        }
        return null;
    }

    private void await(Stage next, int bytes) {
        stage = next;
        missing = bytes;
    }

    private static Violation broken(String rule, String where, int octet) {
        return new Violation(CloseCode.PROTOCOL_ERROR, rule, "%s 0x%02x".formatted(where, octet));
    }
}
