package io.switchboard.server.transport;

import io.switchboard.server.Rate;

/// How fast one connection is read: two buckets of tokens, for frames and for bytes, that fill up
/// as time goes by and hold what comes in [#BURST_NANOS]. What has been read is done, also where it
/// takes more than there was; the connection is not read again until that is paid back.
///
/// A client is over its rate from when a bucket has run out until a pause in which what comes in
/// [#PAUSE_NANOS] has gathered in both. Owned by its connection's event loop.
final class ReadPace {
    static final long BURST_NANOS = 5_000_000_000L;
    static final long PAUSE_NANOS = 1_000_000_000L;

    private Bucket frames = Bucket.ENDLESS;
    private Bucket bytes = Bucket.ENDLESS;
    private boolean over;
    private long overSinceNanos;

    ReadPace(Rate rate, long nowNanos) {
        change(rate, nowNanos);
    }

    /// From now on this holds. Whoever has overdrawn has to wait as long as before.
    void change(Rate rate, long nowNanos) {
        frames = frames.with(rate.framesPerSecond(), nowNanos);
        bytes = bytes.with(rate.bytesPerSecond(), nowNanos);
    }

    /// This much has been read.
    void spend(long frameCount, long byteCount, long nowNanos) {
        if (frames.missingNanos(nowNanos) <= BURST_NANOS - PAUSE_NANOS
                && bytes.missingNanos(nowNanos) <= BURST_NANOS - PAUSE_NANOS) {
            over = false;
        }
        frames.spend(frameCount, nowNanos);
        bytes.spend(byteCount, nowNanos);
        if (!over && waitNanos(nowNanos) > 0) {
            over = true;
            overSinceNanos = nowNanos;
        }
    }

    /// For how long it must not be read; 0 or less where it may.
    long waitNanos(long nowNanos) {
        return Math.max(frames.missingNanos(nowNanos), bytes.missingNanos(nowNanos)) - BURST_NANOS;
    }

    /// For how long it has been over its rate.
    long overNanos(long nowNanos) {
        return over ? nowNanos - overSinceNanos : 0;
    }

    /// Tokens, counted as the time in which they come.
    private static final class Bucket {
        static final Bucket ENDLESS = new Bucket(0, 0);

        /// 0 for one that is always full.
        private final long perSecond;

        private long fullAtNanos;

        private Bucket(long perSecond, long fullAtNanos) {
            this.perSecond = perSecond;
            this.fullAtNanos = fullAtNanos;
        }

        Bucket with(long rate, long nowNanos) {
            return rate == 0 ? ENDLESS : new Bucket(rate, nowNanos + missingNanos(nowNanos));
        }

        long missingNanos(long nowNanos) {
            return perSecond == 0 ? 0 : Math.max(0, fullAtNanos - nowNanos);
        }

        void spend(long tokens, long nowNanos) {
            if (perSecond > 0) {
                long cost = (long) (tokens * 1e9 / perSecond);
                fullAtNanos = nowNanos + missingNanos(nowNanos) + cost;
            }
        }
    }
}
