package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/// The text protocol of NATS, as far as a subscriber needs it: lines, and behind a `MSG` line as
/// many bytes as its last word says and a line end.
final class NatsScanner implements StreamScanner {
    private static final int MSG = 0x2047_534d;
    private static final int LINE_END = 2;
    private static final byte[] PONG = "PONG\r\n".getBytes(US_ASCII);

    private final int bodyLength;
    private final int mark;
    private final Inbound inbound;

    NatsScanner(int bodyLength, int mark, Inbound inbound) {
        this.bodyLength = bodyLength;
        this.mark = mark;
        this.inbound = inbound;
    }

    @Override
    public int scan(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int body = lineEnd(bytes, at, to);
            if (body < 0) {
                return at;
            }
            if (body - at > 4 && (int) Stamp.INTS.get(bytes, at) == MSG) {
                int length = lastNumber(bytes, body);
                int end = body + length + LINE_END;
                if (end > to) {
                    return at;
                }
                message(bytes, body, length);
                at = end;
            } else {
                line(US_ASCII.decode(bytes.slice(at, body - at)).toString().strip());
                at = body;
            }
        }
        return to;
    }

    /// Behind the next line end, or -1.
    private static int lineEnd(ByteBuffer bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes.get(at) == '\n') {
                return at + 1;
            }
        }
        return -1;
    }

    /// The number in front of the line end in front of this place.
    private static int lastNumber(ByteBuffer bytes, int end) {
        int number = 0;
        int weight = 1;
        for (int at = end - LINE_END - 1; bytes.get(at) >= '0' && weight <= 10_000_000; at--) {
            number += (bytes.get(at) - '0') * weight;
            weight *= 10;
        }
        return number;
    }

    private void message(ByteBuffer bytes, int body, int length) {
        if (length < Stamp.LENGTH || bytes.get(body) != 'B') {
            inbound.bad();
        } else if ((int) Stamp.INTS.get(bytes, body) != mark) {
            inbound.foreign();
        } else if (length != bodyLength) {
            inbound.bad();
        } else {
            inbound.stamped(bytes, body);
        }
    }

    private void line(String line) {
        if (line.equals("PING")) {
            inbound.answer(PONG);
        } else if (line.equals("PONG")) {
            inbound.ready();
        } else if (line.startsWith("-ERR")) {
            inbound.failed(line);
        }
    }
}
