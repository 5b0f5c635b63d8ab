package io.switchboard.stomp;

import io.switchboard.stomp.StompEvent.FrameReceived;
import io.switchboard.stomp.StompEvent.Violation;
import java.nio.ByteBuffer;
import java.util.Arrays;
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

    /// What the first octets that must be kept get; enough for the rest of most heads.
    private static final int HELD_LENGTH_MIN = 128;

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

    /// What had to be kept of a frame that was cut: its command line, then its header lines, then
    /// its body.
    private byte @Nullable [] held;

    private int heldLength;

    /// Octets of the current line that came in earlier buffers; between frames 1 after a CR.
    private int lineLength;

    /// Octets of the head that came in earlier buffers or states.
    private int headLength;

    private int headerCount;
    private int bodyLength;
    private int readBeforeConnected;
    private Body bodyRule = Body.TAKEN;
    private StompCommand command = StompCommand.ERROR;
    private @Nullable DecodedHeaders headers;

    FrameDecoder(StompLimits limits, boolean server) {
        this.limits = limits;
        this.server = server;
    }

    void version(StompVersion negotiated) {
        version = negotiated;
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
        if (version == null && ++readBeforeConnected > limits.beforeConnectedMax()) {
            return broken(Violations.beforeConnected(limits));
        }
        in.position(at + 1);
        lineLength = octet == CR ? 1 : 0;
        return octet == LF && version != null ? StompEvent.HEARTBEAT_RECEIVED : null;
    }

    /// Octet by octet, since the line is short and a stranger (HTTP, TLS) is to be noticed early.
    private @Nullable StompEvent commandLine() {
        int from = in.position();
        int length = heldLength;
        for (int at = from; at < in.limit(); at++) {
            byte octet = in.get(at);
            length++;
            if (length > headMax()) {
                return headExceeded();
            }
            if (octet == LF) {
                return commandRead(length);
            }
            if (octet == NUL || length == COMMAND_LINE_MAX) {
                return unknownCommand(length);
            }
        }
        hold(in.remaining(), COMMAND_LINE_MAX);
        return null;
    }

    /// `lineEnd` is the length of the line with its LF. The line is not kept.
    private @Nullable StompEvent commandRead(int lineEnd) {
        int length = lineEnd - 1;
        if (length > 0 && crEndsLine() && lineOctet(length - 1) == CR) {
            length--;
        }
        StompCommand found = null;
        for (int i = 0; i < StompCommand.count() && found == null; i++) {
            found = matches(StompCommand.at(i), length) ? StompCommand.at(i) : null;
        }
        if (found == null || found.fromClient() != server) {
            return unknownCommand(lineEnd - 1);
        }
        if (version != null && !version.knows(found)) {
            return broken(Violations.laterCommand(found, version));
        }
        command = found;
        in.position(in.position() + lineEnd - heldLength);
        letGo();
        headLength = lineEnd;
        lineLength = 0;
        headerCount = 0;
        state = State.HEADERS;
        return null;
    }

    private boolean matches(StompCommand candidate, int length) {
        String name = candidate.name();
        if (name.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (name.charAt(i) != lineOctet(i)) {
                return false;
            }
        }
        return true;
    }

    /// An octet of the command line by its place: held from earlier, or in the buffer.
    private byte lineOctet(int index) {
        return held != null && index < heldLength
                ? held[index]
                : in.get(in.position() + index - heldLength);
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
        return held != null && at < in.position() ? held[heldLength - 1] : in.get(at);
    }

    private @Nullable StompEvent headRead(int end) {
        headLength += end - in.position();
        byte[] lines = NO_LINES;
        if (headerCount > 0) {
            hold(end - in.position(), heldLength + end - in.position());
            lines = Objects.requireNonNull(held);
        } else {
            in.position(end);
        }
        letGo();
        if (version == null) {
            readBeforeConnected += headLength;
        }
        boolean strictCr = version != null && version.escapesCr();
        boolean escapes = version != null && version.escapes() && command.escaped();
        var rules = new DecodedHeaders.Rules(crEndsLine(), strictCr && command.escaped(), escapes);
        try {
            headers = DecodedHeaders.parse(lines, 0, headerCount, rules);
        } catch (DecodedHeaders.Malformed e) {
            return broken(e.violation);
        }
        StompVersion spoken = version != null ? version : announcedVersion(headers);
        if (spoken != null && spoken.trimsValues()) {
            headers.trimValues();
        }
        return bodyExpected(headers, spoken);
    }

    /// The version that a frame which settles the version is itself written in, as far as padding
    /// and stray bodies go.
    private @Nullable StompVersion announcedVersion(StompHeaders headers) {
        if (command.opensSession()) {
            return StompVersion.negotiate(headers.get("accept-version")).orElse(null);
        }
        if (command == StompCommand.CONNECTED) {
            String announced = headers.get("version");
            return announced == null ? StompVersion.V1_0 : StompVersion.of(announced.strip());
        }
        return null;
    }

    private @Nullable StompEvent bodyExpected(
            DecodedHeaders headers, @Nullable StompVersion spoken) {
        if (command.bodyAllowed()) {
            bodyRule = Body.TAKEN;
        } else {
            boolean refused = spoken != null && spoken.strayBodyRefused();
            bodyRule = refused ? Body.REFUSED : Body.IGNORED;
        }
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
        bodyLength = (int) announced;
        state = State.COUNTED_BODY;
        return null;
    }

    private @Nullable StompEvent countedBody() {
        int missing = bodyLength - heldLength;
        boolean whole = heldLength == 0 && in.remaining() > missing;
        if (!whole) {
            hold(Math.min(in.remaining(), missing), bodyLength);
            if (!in.hasRemaining()) {
                return null;
            }
        }
        int end = in.position() + (whole ? bodyLength : 0);
        if (in.get(end) != NUL) {
            return broken(Violations.noNul(in.get(end), bodyLength));
        }
        return frame(whole, end);
    }

    private @Nullable StompEvent openBody() {
        int from = in.position();
        int end = Octets.indexOf(in, NUL, from, in.limit());
        int length = (end < 0 ? in.limit() : end) - from;
        if (length > 0 && bodyRule == Body.REFUSED) {
            return broken(Violations.strayBody(command));
        }
        if (length > bodyMax() - heldLength) {
            return bodyExceeded("more octets without a NUL");
        }
        if (end < 0 || heldLength > 0) {
            hold(length, bodyMax());
        }
        return end < 0 ? null : frame(heldLength == 0, end);
    }

    /// The NUL stands at `end`.
    private StompEvent frame(boolean whole, int end) {
        ByteBuffer body = NOTHING;
        if (bodyRule == Body.TAKEN && whole) {
            body = in.slice(in.position(), end - in.position()).asReadOnlyBuffer();
        } else if (held != null) {
            body = ByteBuffer.wrap(held, 0, heldLength).slice().asReadOnlyBuffer();
        }
        if (version == null) {
            readBeforeConnected += (whole ? end - in.position() : heldLength) + 1;
        }
        in.position(end + 1);
        var frame = new StompFrame(command, Objects.requireNonNull(headers), body);
        headers = null;
        letGo();
        lineLength = 0;
        state = State.BETWEEN;
        return new FrameReceived(frame);
    }

    /// Keeps the next octets of the buffer, in an array that doubles up to `lengthMax` at most. An
    /// ignored body is counted only.
    private void hold(int length, int lengthMax) {
        boolean body = state == State.COUNTED_BODY || state == State.OPEN_BODY;
        if (body && bodyRule == Body.IGNORED) {
            in.position(in.position() + length);
        } else if (length > 0) {
            int needed = heldLength + length;
            if (held == null || held.length < needed) {
                int doubled =
                        held == null
                                ? HELD_LENGTH_MIN
                                : (int) Math.min(2L * held.length, lengthMax);
                int capacity = Math.max(needed, Math.min(doubled, lengthMax));
                held = held == null ? new byte[capacity] : Arrays.copyOf(held, capacity);
            }
            in.get(held, heldLength, length);
        }
        heldLength += length;
    }

    private void letGo() {
        held = null;
        heldLength = 0;
    }

    private boolean crEndsLine() {
        return version == null || version.crEndsLine();
    }

    private int headMax() {
        return version == null
                ? Math.min(limits.headerBytesMax(), leftBeforeConnected())
                : limits.headerBytesMax();
    }

    private int bodyMax() {
        return version == null
                ? Math.min(limits.bodyLengthMax(), leftBeforeConnected())
                : limits.bodyLengthMax();
    }

    private int leftBeforeConnected() {
        return Math.max(0, limits.beforeConnectedMax() - readBeforeConnected);
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

    private Violation unknownCommand(int length) {
        byte[] line = new byte[length];
        for (int i = 0; i < length; i++) {
            line[i] = lineOctet(i);
        }
        return broken(Violations.unknownCommand(server, line));
    }

    private Violation broken(Violation violation) {
        String receipt = headers == null ? violation.receipt() : headers.get("receipt");
        headers = null;
        letGo();
        state = State.BROKEN;
        return new Violation(violation.kind(), violation.rule(), violation.found(), receipt);
    }
}
