package io.switchboard.stomp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Writes frames into a buffer of the caller, one call after the other in the order of the wire:
/// command, headers, then a body or the end. Lines end in LF alone and nothing follows the NUL,
/// which all versions read and Spring's decoder depends on.
///
/// Names and values are escaped for the receiver's version. What a version cannot carry becomes a
/// space, so that no value can end its line and forge a header: LF in 1.0, CONNECT and CONNECTED,
/// there CR too in the latter two, and a colon in a name. CR goes raw to 1.0 and 1.1.
///
/// A buffer that is too small is the caller's mistake (`BufferOverflowException`); [#lengthMax]
/// says how much a header may need. Owned by one thread; reusable through [#into].
public final class StompEncoder {

    private static final byte[] CONTENT_LENGTH =
            "content-length:".getBytes(StandardCharsets.US_ASCII);

    /// The longest command, `content-length` with ten digits, the line ends and the NUL.
    private static final int FRAME_OVERHEAD_MAX = 11 + 1 + 15 + 10 + 1 + 1 + 1;

    private static final boolean[] SPECIAL = new boolean[128];

    static {
        for (char special : new char[] {'\\', '\n', ':', '\r'}) {
            SPECIAL[special] = true;
        }
    }

    private static final ByteBuffer NOWHERE = ByteBuffer.allocate(0);

    private ByteBuffer out = NOWHERE;
    private StompVersion version = StompVersion.V1_2;
    private StompCommand command = StompCommand.ERROR;

    private StompEncoder() {}

    public static StompEncoder on(ByteBuffer out, StompVersion version) {
        return new StompEncoder().into(out, version);
    }

    /// Turns this encoder to another buffer and version.
    public StompEncoder into(ByteBuffer out, StompVersion version) {
        this.out = out;
        this.version = version;
        return this;
    }

    public StompEncoder command(StompCommand command) {
        this.command = command;
        out.put(command.line());
        return this;
    }

    public StompEncoder header(String name, String value) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a header has a name");
        }
        text(name, true);
        out.put((byte) ':');
        text(value, false);
        out.put((byte) '\n');
        return this;
    }

    /// All headers but `content-length`, which [#body] writes.
    public StompEncoder headers(StompHeaders headers) {
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            if (!name.equals("content-length")) {
                header(name, headers.value(i));
            }
        }
        return this;
    }

    /// Ends the frame with a body and its `content-length`, or without one when it is empty. Leaves
    /// the body's position alone.
    public void body(ByteBuffer body) {
        bodyFollows(body.remaining());
        out.put(body.duplicate());
        out.put((byte) 0);
    }

    public void body(byte[] body) {
        bodyFollows(body.length);
        out.put(body);
        out.put((byte) 0);
    }

    /// Ends the head of a frame whose body, of so many octets, and NUL the caller appends itself:
    /// for a head that differs by receiver in front of a body that all share.
    public void bodyFollows(int length) {
        if (length > 0) {
            if (!command.bodyAllowed()) {
                throw new IllegalStateException("cannot write a body in " + command);
            }
            out.put(CONTENT_LENGTH);
            number(length);
            out.put((byte) '\n');
        }
        out.put((byte) '\n');
    }

    /// Ends a frame without body.
    public void end() {
        out.put((byte) '\n').put((byte) 0);
    }

    /// An upper bound of what [#header] writes, in every version: an escape is two octets, and a
    /// UTF-16 unit three at most in UTF-8.
    public static int lengthMax(String name, String value) {
        return 3 * (name.length() + value.length()) + 2;
    }

    /// An upper bound of what a frame with this body needs beside its headers.
    public static int lengthMax(int bodyLength) {
        return FRAME_OVERHEAD_MAX + bodyLength;
    }

    public static int lengthMax(StompFrame frame) {
        int length = lengthMax(frame.body().remaining());
        for (int i = 0; i < frame.headers().size(); i++) {
            length += lengthMax(frame.headers().name(i), frame.headers().value(i));
        }
        return length;
    }

    /// The whole frame in a buffer of its own, ready to be read.
    public static ByteBuffer encode(StompFrame frame, StompVersion version) {
        ByteBuffer out = ByteBuffer.allocate(lengthMax(frame));
        on(out, version).command(frame.command()).headers(frame.headers()).body(frame.body());
        return out.flip();
    }

    /// The JDK makes the UTF-8 of a Latin string by copying it, and a run without special octets is
    /// copied in one go: most headers have no other.
    private void text(String text, boolean name) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        int copied = 0;
        for (int i = 0; i < octets.length; i++) {
            byte octet = octets[i];
            if (octet >= 0 && SPECIAL[octet]) {
                out.put(octets, copied, i - copied);
                special(octet, name);
                copied = i + 1;
            }
        }
        out.put(octets, copied, octets.length - copied);
    }

    private void special(byte octet, boolean name) {
        boolean escapes = version.escapes() && command.escaped();
        switch (octet) {
            case '\\' -> escaped(escapes, '\\', '\\');
            case '\n' -> escaped(escapes, 'n', ' ');
            case ':' -> escaped(escapes, 'c', name ? ' ' : ':');
            case '\r' -> escaped(escapes && version.escapesCr(), 'r', rawCr());
            default -> throw new AssertionError("octet " + octet + " is not special");
        }
    }

    private void escaped(boolean escapes, char letter, char instead) {
        if (escapes) {
            out.put((byte) '\\').put((byte) letter);
        } else {
            out.put((byte) instead);
        }
    }

    private char rawCr() {
        return command.escaped() ? '\r' : ' ';
    }

    private void number(int number) {
        int divisor = 1;
        while (number / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            out.put((byte) ('0' + number / divisor % 10));
        }
    }
}
