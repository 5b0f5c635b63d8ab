package io.switchboard.stomp;

import io.switchboard.stomp.StompEvent.FrameReceived;
import io.switchboard.stomp.StompEvent.Violation;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The stream of one side's octets, read as frames. How the octets are cut does not matter.
///
/// ```
/// stream  = *eol *( frame *eol )
/// frame   = command eol *( header eol ) eol *OCTET NUL
/// eol     = [CR] LF                  in 1.2, before the version is settled, and between frames
///         = LF                       in a frame of 1.0 and 1.1: a CR belongs to the line
/// command = one of StompCommand, as it is written there
/// header  = name ":" value
/// name    = 1*( any octet but LF and ":" )
/// value   = *( any octet but LF )
/// ```
///
/// `content-length` says how many octets the body has, on any command; without it the body ends at
/// the first NUL.
///
/// Where we read more, or less, than the text says:
/// - A value may hold raw colons in every version: stompjs escapes nothing below 1.2.
/// - A line that begins with NUL is refused, although a name may hold NUL by the grammar: it is the
///   end of a frame whose author forgot the empty line, who would otherwise wait for ever.
/// - 1.0 headers may be UTF-8, not only ASCII, and may have an empty value; a line without a colon
///   or a name is refused there too.
/// - `\r` is read as CR in 1.1, because Spring's encoder writes it there.
/// - A CR inside a name or value is refused in 1.2 only, and not in CONNECT and CONNECTED.
/// - CR LF between frames is taken in every version, and so are line ends before the first frame.
/// - A frame that arrives before the version is settled is not unescaped, whatever it is.
///
/// Every octet of a head is looked at twice at most (the search for its end, which goes on where it
/// stopped, then the reading of its copy), of a body once. A frame that lies whole in the received
/// buffer has its head copied and its body lent; of a cut frame the octets that came are held, and
/// the array grows with what came, not with what was announced.
///
/// Owned by the connection's event loop, through [StompConnection].
final class FrameDecoder {

    private enum State {
        BETWEEN,
        COMMAND,
        HEADERS,
        COUNTED_BODY,
        OPEN_BODY,
        BROKEN
    }

    /// What happens to a body: a version may ignore or refuse one where it has no place.
    private enum Body {
        TAKEN,
        IGNORED,
        REFUSED
    }

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
    private static final byte[] NO_LINES = {};
    private static final byte LF = '\n';
    private static final byte CR = '\r';
    private static final byte NUL = 0;

    /// The command with CR and LF.
    private static final int COMMAND_LINE_MAX = StompCommand.LENGTH_MAX + 2;

    private final StompLimits limits;
    private final boolean server;
    private @Nullable StompVersion version;
    private State state = State.BETWEEN;
    private ByteBuffer in = NOTHING;

    /// Of a frame that was cut: its command line, then its header lines, then its body.
    private @Nullable HeldOctets held;

    /// Octets of the current line that came in earlier buffers; between frames 1 after a CR.
    private int lineLength;

    /// Octets of the head that came in earlier buffers, its command line included.
    private int headLength;

    private int headerCount;
    private int bodyLengthAnnounced;

    /// Octets of the body that came in earlier buffers.
    private int bodyLength;

    /// What may still come before the version is settled; afterwards as much as an int can say.
    private int leftBeforeConnected;

    private Body bodyRule = Body.TAKEN;
    private StompCommand command = StompCommand.ERROR;
    private @Nullable DecodedHeaders headers;

    FrameDecoder(StompLimits limits, boolean server) {
        this.limits = limits;
        this.server = server;
        leftBeforeConnected = limits.beforeConnectedMax();
    }

    void version(StompVersion negotiated) {
        version = negotiated;
        leftBeforeConnected = Integer.MAX_VALUE;
    }

    @Nullable StompVersion version() {
        return version;
    }

    void receive(ByteBuffer bytes) {
        if (in.hasRemaining()) {
            ByteBuffer joined = ByteBuffer.allocate(in.remaining() + bytes.remaining());
            in = joined.put(in).put(bytes).flip();
        } else {
            in = bytes;
        }
    }

    /// Copies what is not read yet, so that the owner has its buffer back.
    void keepUnread() {
        in = in.hasRemaining() ? ByteBuffer.allocate(in.remaining()).put(in).flip() : NOTHING;
    }

    int bytesHeld() {
        int length = in.remaining();
        if (held != null) {
            length += held.array().length;
        }
        if (headers != null) {
            length += headers.bytes();
        }
        return length;
    }

    void forget() {
        in.position(in.limit());
        in = NOTHING;
        headers = null;
        held = null;
        state = State.BROKEN;
    }

    StompEvent next() {
        StompEvent event = null;
        while (event == null && in.hasRemaining()) {
            event =
                    switch (state) {
                        case BETWEEN -> betweenFrames();
                        case COMMAND -> commandLine();
                        case HEADERS -> headerLines();
                        case COUNTED_BODY -> countedBody();
                        case OPEN_BODY -> openBody();
                        case BROKEN -> drop();
                    };
        }
        if (event != null) {
            return event;
        }
        in = NOTHING;
        return StompEvent.NEED_BYTES;
    }

    private @Nullable StompEvent drop() {
        in.position(in.limit());
        return null;
    }

    private @Nullable StompEvent betweenFrames() {
        int at = in.position();
        byte octet = in.get(at);
        boolean afterCr = lineLength != 0;
        if (octet != LF && (octet != CR || afterCr)) {
            if (afterCr) {
                return broken(Violations.loneCr(octet));
            }
            state = State.COMMAND;
            headLength = 0;
            return null;
        }
        if (leftBeforeConnected == 0) {
            return broken(Violations.beforeConnected(limits));
        }
        spend(1);
        in.position(at + 1);
        lineLength = octet == CR ? 1 : 0;
        return octet == LF && version != null ? StompEvent.HEARTBEAT_RECEIVED : null;
    }

    /// Octet by octet, since the line is short and a stranger (HTTP, TLS) is to be noticed early.
    private @Nullable StompEvent commandLine() {
        int from = in.position();
        int max = Math.min(headMax(), COMMAND_LINE_MAX) - headLength;
        int bound = from + Math.min(in.remaining(), max);
        for (int at = from; at < bound; at++) {
            byte octet = in.get(at);
            if (octet == LF) {
                return commandRead(at, at + 1);
            }
            if (octet == NUL) {
                return commandRead(at + 1, at + 1);
            }
        }
        if (bound - from < max) {
            headLength += bound - from;
            hold(bound - from, COMMAND_LINE_MAX);
            return null;
        }
        return headMax() < COMMAND_LINE_MAX ? headExceeded() : commandRead(bound, bound);
    }

    /// The line ends before `end` in the buffer, and what follows it begins at `next`. The line is
    /// not kept.
    private @Nullable StompEvent commandRead(int end, int next) {
        ByteBuffer line = in;
        int from = in.position();
        int to = end;
        headLength += next - from;
        if (held != null) {
            hold(end - from, COMMAND_LINE_MAX);
            line = held.view();
            from = 0;
            to = line.limit();
        }
        in.position(next);
        held = null;
        lineLength = 0;
        headerCount = 0;
        state = State.HEADERS;
        if (to > from && crEndsLine() && line.get(to - 1) == CR) {
            to--;
        }
        StompCommand found = StompCommand.of(line, from, to);
        if (found == null || found.fromClient() != server) {
            return broken(Violations.unknownCommand(server, line, from, to));
        }
        if (version != null && !version.knows(found)) {
            return broken(Violations.laterCommand(found, version));
        }
        command = found;
        return null;
    }

    private @Nullable StompEvent headerLines() {
        int from = in.position();
        int to = in.limit();
        int bound = (int) Math.min(to, (long) from + headMax() - headLength);
        int at = from;
        while (at < bound) {
            if (lineLength == 0 && in.get(at) == NUL) {
                return broken(Violations.noEmptyLine(command));
            }
            int end = Octets.indexOf(in, LF, at, bound);
            if (end < 0) {
                lineLength += bound - at;
                break;
            }
            int length = lineLength + end - at;
            if (length == 0 || (length == 1 && crEndsLine() && headerOctet(end - 1) == CR)) {
                return headRead(end + 1);
            }
            if (++headerCount > limits.headerCountMax()) {
                return broken(Violations.headerCount(limits, command));
            }
            lineLength = 0;
            at = end + 1;
        }
        if (bound < to) {
            return headExceeded();
        }
        headLength += to - from;
        hold(to - from, headMax());
        return null;
    }

    /// An octet of the buffer, or the last one that is held.
    private byte headerOctet(int at) {
        return held != null && at < in.position() ? held.last() : in.get(at);
    }

    /// The empty line ends before `end`.
    private @Nullable StompEvent headRead(int end) {
        headLength += end - in.position();
        spend(headLength);
        byte[] lines = linesUntil(end);
        try {
            headers = DecodedHeaders.parse(lines, headerCount, crEndsLine(), escapedIn(version));
        } catch (DecodedHeaders.Malformed e) {
            return broken(e.violation);
        }
        StompVersion spoken =
                version != null ? version : StompVersion.announcedBy(command, headers);
        if (spoken != null && spoken.trimsValues()) {
            headers.trimValues();
        }
        return bodyExpected(headers, spoken);
    }

    /// The header lines in an array of their own: the one in which they were held, or a copy.
    private byte[] linesUntil(int end) {
        int length = end - in.position();
        if (headerCount == 0) {
            in.position(end);
            held = null;
            return NO_LINES;
        }
        if (held == null) {
            byte[] lines = new byte[length];
            in.get(lines);
            return lines;
        }
        hold(length, headMax());
        byte[] lines = held.array();
        held = null;
        return lines;
    }

    private @Nullable StompEvent bodyExpected(
            DecodedHeaders headers, @Nullable StompVersion spoken) {
        if (command.bodyAllowed()) {
            bodyRule = Body.TAKEN;
        } else {
            boolean refused = spoken != null && spoken.strayBodyRefused();
            bodyRule = refused ? Body.REFUSED : Body.IGNORED;
        }
        bodyLength = 0;
        int index = headers.indexOf("content-length");
        if (index < 0) {
            state = State.OPEN_BODY;
            return null;
        }
        long announced = headers.number(index);
        if (announced < 0) {
            return broken(Violations.contentLength(headers.value(index)));
        }
        if (announced > 0 && bodyRule == Body.REFUSED) {
            return broken(Violations.strayBody(command));
        }
        if (announced > bodyMax()) {
            return bodyExceeded("content-length:" + announced);
        }
        bodyLengthAnnounced = (int) announced;
        state = State.COUNTED_BODY;
        return null;
    }

    private @Nullable StompEvent countedBody() {
        int missing = bodyLengthAnnounced - bodyLength;
        if (in.remaining() <= missing) {
            holdBody(in.remaining(), bodyLengthAnnounced);
            return null;
        }
        int end = in.position() + missing;
        if (in.get(end) != NUL) {
            return broken(Violations.noNul(in.get(end), bodyLengthAnnounced));
        }
        return frame(end, bodyLengthAnnounced);
    }

    private @Nullable StompEvent openBody() {
        int from = in.position();
        int end = Octets.indexOf(in, NUL, from, in.limit());
        int length = (end < 0 ? in.limit() : end) - from;
        if (length > 0 && bodyRule == Body.REFUSED) {
            return broken(Violations.strayBody(command));
        }
        if (length > bodyMax() - bodyLength) {
            return bodyExceeded("more octets without a NUL");
        }
        if (end < 0) {
            holdBody(length, bodyMax());
            return null;
        }
        return frame(end, bodyMax());
    }

    /// Keeps the next octets of a body; an ignored one is counted only.
    private void holdBody(int length, int lengthMax) {
        if (bodyRule == Body.TAKEN) {
            hold(length, lengthMax);
        } else {
            in.position(in.position() + length);
        }
        bodyLength += length;
    }

    /// The NUL stands at `end`.
    private StompEvent frame(int end, int bodyLengthMax) {
        int length = end - in.position();
        ByteBuffer body = NOTHING;
        if (held != null) {
            hold(length, bodyLengthMax);
            body = held.view().asReadOnlyBuffer();
            held = null;
        } else if (length > 0 && bodyRule == Body.TAKEN) {
            body = in.slice(in.position(), length).asReadOnlyBuffer();
        }
        spend(bodyLength + length + 1);
        in.position(end + 1);
        var frame = new StompFrame(command, Objects.requireNonNull(headers), body);
        headers = null;
        lineLength = 0;
        state = State.BETWEEN;
        return new FrameReceived(frame);
    }

    private void hold(int length, int lengthMax) {
        if (held == null) {
            held = new HeldOctets(lengthMax);
        }
        held.add(in, length, lengthMax);
    }

    /// The version by which the head is escaped, or null for a head without escapes.
    private @Nullable StompVersion escapedIn(@Nullable StompVersion version) {
        return version != null && version.escapes() && command.escaped() ? version : null;
    }

    private boolean crEndsLine() {
        return version == null || version.crEndsLine();
    }

    private void spend(int length) {
        if (version == null) {
            leftBeforeConnected = Math.max(0, leftBeforeConnected - length);
        }
    }

    private int headMax() {
        return Math.min(limits.headerBytesMax(), leftBeforeConnected);
    }

    private int bodyMax() {
        return Math.min(limits.bodyLengthMax(), leftBeforeConnected);
    }

    private Violation headExceeded() {
        return broken(
                headMax() < limits.headerBytesMax()
                        ? Violations.beforeConnected(limits)
                        : Violations.headerBytes(limits));
    }

    private Violation bodyExceeded(String found) {
        return broken(
                bodyMax() < limits.bodyLengthMax()
                        ? Violations.beforeConnected(limits)
                        : Violations.bodyLength(limits, command, found));
    }

    private Violation broken(Violation violation) {
        String receipt = headers == null ? violation.receipt() : headers.get("receipt");
        headers = null;
        held = null;
        state = State.BROKEN;
        return new Violation(violation.kind(), violation.rule(), violation.found(), receipt);
    }
}
