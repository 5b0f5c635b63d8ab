package io.switchboard.conformance;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/// One end of an open connection. What the other end sends is checked frame by frame, and becomes
/// one word or two for each message, pong and Close.
final class Peer implements AutoCloseable {
    private static final int MESSAGE_MAX = 64 << 20;
    private static final int KEYS_MAX = 100;

    private final Wire wire;
    private final DataInputStream in;
    private final Role role;
    private final @Nullable Agreed agreed;
    private final Zip.@Nullable In inflater;

    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    /// Masking keys of the other end's frames.
    private final List<Integer> keys = new ArrayList<>();

    /// Of the message that has begun, 0 between messages.
    private int messageOpcode;

    private boolean compressed;

    /// @param role ours
    /// @param agreed about compression, null for nothing
    Peer(Wire wire, Role role, @Nullable Agreed agreed) {
        this.wire = wire;
        this.role = role;
        this.agreed = agreed;
        in = new DataInputStream(wire.in());
        inflater =
                agreed == null
                        ? null
                        : new Zip.In(
                                role == Role.CLIENT
                                        ? agreed.serverNoContext()
                                        : agreed.clientNoContext());
    }

    Optional<Agreed> agreed() {
        return Optional.ofNullable(agreed);
    }

    /// Masking keys of the first frames of the other end.
    List<Integer> keys() {
        return List.copyOf(keys);
    }

    Role role() {
        return role;
    }

    void send(byte[] bytes) throws IOException {
        wire.send(bytes);
    }

    /// No more will be sent.
    void finish() throws IOException {
        wire.finish();
    }

    /// The next thing that the other end says.
    String hear() {
        try {
            while (true) {
                String heard = frame();
                if (heard != null) {
                    return heard;
                }
            }
        } catch (SocketTimeoutException e) {
            return Heard.SILENCE;
        } catch (Broken e) {
            return Heard.BROKEN + e.getMessage();
        } catch (IOException e) {
            return Heard.END;
        }
    }

    /// Null for a frame that is nothing by itself.
    private @Nullable String frame() throws IOException {
        int first = in.read();
        if (first < 0) {
            throw new EOFException();
        }
        int second = in.readUnsignedByte();
        int opcode = first & 0x0f;
        boolean last = (first & 0x80) != 0;
        boolean control = opcode >= Sent.CLOSE;
        require(masked(second) == role.other().masks(), "a mask where there must be none, or none");
        int length = length(second & 0x7f);
        require(!control || (last && length <= 125), "a control frame that is long or in parts");
        boolean rsv1 = (first & 0x40) != 0;
        boolean opens = opcode == Sent.TEXT || opcode == Sent.BINARY;
        require((first & 0x30) == 0, "reserved bits 2 or 3");
        require(!rsv1 || (inflater != null && opens), "reserved bit 1 where it means nothing");
        byte[] payload = payload(second, length);
        if (control) {
            return control(opcode, payload);
        }
        require(opens || opcode == Sent.CONTINUATION, "a reserved opcode");
        require(opens == (messageOpcode == 0), "fragments that do not follow each other");
        if (opens) {
            messageOpcode = opcode;
            compressed = rsv1;
        }
        message.writeBytes(payload);
        require(message.size() <= MESSAGE_MAX, "a message of more than 64 MiB");
        return last ? whole() : null;
    }

    private static boolean masked(int second) {
        return (second & 0x80) != 0;
    }

    private int length(int length7) throws IOException {
        if (length7 < 126) {
            return length7;
        }
        long length = length7 == 126 ? in.readUnsignedShort() : in.readLong();
        require(length >= (length7 == 126 ? 126 : 0x10000), "a length that could be shorter");
        require(length <= MESSAGE_MAX, "a frame of more than 64 MiB");
        return (int) length;
    }

    private byte[] payload(int second, int length) throws IOException {
        byte[] key = new byte[4];
        if (masked(second)) {
            in.readFully(key);
            if (keys.size() < KEYS_MAX) {
                keys.add(ByteBuffer.wrap(key).getInt());
            }
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        for (int i = 0; i < length; i++) {
            payload[i] ^= key[i % 4];
        }
        return payload;
    }

    private @Nullable String control(int opcode, byte[] payload) throws IOException {
        return switch (opcode) {
            // Whether the other end wants to know if we live is its own business.
            case Sent.PING -> null;
            case Sent.PONG -> Heard.pong(payload);
            case Sent.CLOSE -> close(payload);
            default -> throw new Broken("a reserved opcode");
        };
    }

    private static String close(byte[] payload) throws IOException {
        if (payload.length == 0) {
            return Heard.close();
        }
        require(payload.length >= 2, "a Close of one byte");
        int code = ByteBuffer.wrap(payload).getShort() & 0xffff;
        boolean defined = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
        require(defined || (code >= 3000 && code <= 4999), "a Close with the code " + code);
        require(
                Heard.isUtf8(Arrays.copyOfRange(payload, 2, payload.length)),
                "a reason that is not UTF-8");
        return Heard.close(code);
    }

    private String whole() throws IOException {
        byte[] bytes = message.toByteArray();
        message.reset();
        boolean text = messageOpcode == Sent.TEXT;
        messageOpcode = 0;
        if (compressed && inflater != null) {
            try {
                bytes = inflater.message(bytes, MESSAGE_MAX);
            } catch (DataFormatException e) {
                throw new Broken("compressed data that cannot be inflated");
            }
        }
        return Heard.message(text, bytes);
    }

    private static void require(boolean kept, String rule) throws Broken {
        if (!kept) {
            throw new Broken(rule);
        }
    }

    @Override
    public void close() throws IOException {
        if (inflater != null) {
            inflater.close();
        }
        wire.close();
    }

    /// The other end broke a rule.
    private static final class Broken extends IOException {
        private static final long serialVersionUID = 1;

        Broken(String rule) {
            super(rule);
        }
    }
}
