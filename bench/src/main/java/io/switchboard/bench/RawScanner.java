package io.switchboard.bench;

import java.nio.ByteBuffer;

/// Messages that are bodies of one length, back to back.
final class RawScanner implements StreamScanner {
    private final int bodyLength;
    private final int mark;
    private final Inbound inbound;

    RawScanner(int bodyLength, int mark, Inbound inbound) {
        this.bodyLength = bodyLength;
        this.mark = mark;
        this.inbound = inbound;
    }

    @Override
    public int scan(ByteBuffer bytes, int from, int to) {
        int at = from;
        while (to - at >= bodyLength) {
            if ((int) Stamp.INTS.get(bytes, at) == mark) {
                inbound.stamped(bytes, at);
            } else {
                inbound.bad();
            }
            at += bodyLength;
        }
        return at;
    }
}
