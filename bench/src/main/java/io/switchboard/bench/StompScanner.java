package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompLimits;
import io.switchboard.stomp.StompVersion;
import java.nio.ByteBuffer;

/// STOMP frames. A MESSAGE of ours is known by its command, by its first empty line being right in
/// front of where its body must begin when it has the length that we send, by the run's mark there,
/// and by the NUL at the end, with none before the body: then no header needs to be read. Every
/// other frame goes through the full decoder, in chunks that end with a NUL, so that it never keeps
/// a piece that this scanner would have to ask back.
///
/// The one thing that is taken at its face value is a body of ours with a NUL right behind it whose
/// `content-length` says that it goes on: it counts, and what follows is a broken frame, so the run
/// fails in any case.
final class StompScanner implements StreamScanner {
    private static final long MESSAGE_LINE = 0x0a_45_47_41_53_53_45_4dL;
    private static final short EMPTY_LINE = 0x0a0a;
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long TOPS = 0x8080_8080_8080_8080L;
    private static final long LINE_ENDS = 0x0a0a_0a0a_0a0a_0a0aL;

    /// `MESSAGE`, without its line end.
    private static final int COMMAND_LENGTH = 7;

    /// `MESSAGE` and its line end, the empty line, and the NUL.
    private static final int OVERHEAD_MIN = 8 + 1 + 1;

    private final int bodyLength;
    private final int mark;
    private final Inbound inbound;
    private final StompConnection decoder = StompConnection.client(StompLimits.DEFAULT);

    /// The decoder is inside a frame, whose body has a NUL in it.
    private boolean inFrame;

    private int lastLength;

    StompScanner(int bodyLength, int mark, Inbound inbound) {
        this.bodyLength = bodyLength;
        this.mark = mark;
        this.inbound = inbound;
    }

    @Override
    public int scan(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int end = ours(bytes, at, to);
            if (end > 0) {
                lastLength = end - at;
                inbound.stamped(bytes, end - 1 - bodyLength);
                at = end;
            } else if (!inFrame && bytes.get(at) == '\n') {
                // A heart-beat, or the line end that some servers put behind a frame.
                at++;
            } else {
                int nul = nul(bytes, at, to);
                if (nul == to) {
                    return at;
                }
                decode(bytes.slice(at, nul + 1 - at));
                at = nul + 1;
            }
        }
        return to;
    }

    /// Where the message of ours that begins here ends, or 0. Three guesses: the rest of the bytes,
    /// since mostly a frame fills its WebSocket message; as long as the last; up to the next NUL.
    private int ours(ByteBuffer bytes, int at, int to) {
        if (inFrame || to - at < bodyLength + OVERHEAD_MIN) {
            return 0;
        }
        if ((long) Stamp.LONGS.get(bytes, at) != MESSAGE_LINE) {
            return 0;
        }
        if (endsOurs(bytes, at, to)) {
            return to;
        }
        int end = at + lastLength;
        if (lastLength > 0 && end <= to && endsOurs(bytes, at, end)) {
            return end;
        }
        end = nul(bytes, at, to) + 1;
        return end <= to && endsOurs(bytes, at, end) ? end : 0;
    }

    private boolean endsOurs(ByteBuffer bytes, int at, int end) {
        int body = end - 1 - bodyLength;
        return body >= at + OVERHEAD_MIN - 1
                && bytes.get(end - 1) == 0
                && (int) Stamp.INTS.get(bytes, body) == mark
                && (short) Stamp.SHORTS.get(bytes, body - 2) == EMPTY_LINE
                && oneHead(bytes, at + COMMAND_LENGTH, body - 1);
    }

    /// Whether there is neither a NUL nor an empty line between these places. Eight bytes at a
    /// time, each time with the last one of before, so that no pair of line ends hides at the seam.
    /// May say no for nothing, when 0x01 or 0x0b is right behind what it looks for: then the
    /// decoder judges.
    private static boolean oneHead(ByteBuffer bytes, int from, int to) {
        int at = from;
        for (; at + 8 <= to; at += 7) {
            long eight = (long) Stamp.LONGS.get(bytes, at);
            long ends = zeros(eight ^ LINE_ENDS);
            if ((zeros(eight) | ends & ends >>> 8) != 0) {
                return false;
            }
        }
        for (; at < to; at++) {
            byte one = bytes.get(at);
            if (one == 0 || (one == '\n' && at + 1 < to && bytes.get(at + 1) == '\n')) {
                return false;
            }
        }
        return true;
    }

    /// The top bit of each byte that is 0, the lowest such byte for certain: subtracting one from
    /// each byte borrows into the top bit of those that are 0.
    private static long zeros(long eight) {
        return eight - ONES & ~eight & TOPS;
    }

    /// The place of the first NUL, or `to`.
    private static int nul(ByteBuffer bytes, int from, int to) {
        int at = from;
        for (; at + 8 <= to; at += 8) {
            long zeros = zeros((long) Stamp.LONGS.get(bytes, at));
            if (zeros != 0) {
                return at + (Long.numberOfTrailingZeros(zeros) >>> 3);
            }
        }
        while (at < to && bytes.get(at) != 0) {
            at++;
        }
        return at;
    }

    /// @param chunk ends with a NUL, and so, mostly, with a frame
    private void decode(ByteBuffer chunk) {
        decoder.receive(chunk, 0);
        inFrame = true;
        StompEvent event = decoder.next();
        while (!(event instanceof StompEvent.NeedBytes)) {
            switch (event) {
                case StompEvent.FrameReceived(StompFrame frame) -> {
                    inFrame = chunk.hasRemaining();
                    on(frame);
                }
                case StompEvent.Violation violation ->
                        inbound.failed(
                                "the server broke the STOMP protocol: "
                                        + violation.rule()
                                        + " but was "
                                        + violation.found());
                case StompEvent.HeartbeatReceived _ -> {}
                case StompEvent.HeartbeatDue _ -> {}
                case StompEvent.PeerOverdue _ -> {}
                case StompEvent.PeerSilent _ -> {}
                case StompEvent.NothingDue _ -> {}
                case StompEvent.NeedBytes _ -> {}
            }
            event = decoder.next();
        }
    }

    private void on(StompFrame frame) {
        switch (frame.command()) {
            case CONNECTED -> {
                String version = frame.headers().get("version");
                StompVersion settled = StompVersion.of(version == null ? "1.0" : version);
                if (settled == null) {
                    inbound.failed("CONNECTED with version " + version);
                } else {
                    decoder.version(settled);
                    inbound.ready();
                }
            }
            case MESSAGE -> message(frame.body());
            case ERROR -> {
                String text = UTF_8.decode(frame.body()).toString().strip();
                inbound.failed("ERROR " + frame.headers().get("message") + ": " + text);
            }
            case RECEIPT -> {}
            case CONNECT,
                    STOMP,
                    SEND,
                    SUBSCRIBE,
                    UNSUBSCRIBE,
                    BEGIN,
                    COMMIT,
                    ABORT,
                    ACK,
                    NACK,
                    DISCONNECT ->
                    throw new AssertionError(frame.command());
        }
    }

    private void message(ByteBuffer body) {
        int at = body.position();
        if (body.remaining() < Stamp.LENGTH || body.get(at) != 'B') {
            inbound.bad();
        } else if ((int) Stamp.INTS.get(body, at) != mark) {
            inbound.foreign();
        } else if (body.remaining() != bodyLength) {
            inbound.bad();
        } else {
            inbound.stamped(body, at);
        }
    }
}
