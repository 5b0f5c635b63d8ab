package io.switchboard.bench;

import java.io.IOException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What was counted between two moments.
final class Measurement {
    /// Latencies up to an hour, to three digits.
    private static final long NANOS_MAX = 3_600_000_000_000L;

    final Histogram nanos = new Histogram(NANOS_MAX, 3);
    private final @Nullable ServerProcess server;
    private final ServerProcess self;
    private final long startNanos;
    private final double serverStart;
    private final double selfStart;

    long deliveries;
    long messages;

    /// The latest that a message left after it was due.
    long lagNanos;

    private double seconds;
    private double serverSeconds;
    private double selfSeconds;

    Measurement(@Nullable ServerProcess server, long nowNanos) throws IOException {
        this.server = server;
        self = ServerProcess.self();
        startNanos = nowNanos;
        serverStart = server == null ? 0 : server.cpuSeconds();
        selfStart = self.cpuSeconds();
    }

    void delivered(long latencyNanos) {
        deliveries++;
        nanos.recordValue(Math.clamp(latencyNanos, 0, NANOS_MAX));
    }

    void end(long nowNanos) throws IOException {
        seconds = (nowNanos - startNanos) / 1e9;
        serverSeconds = server == null ? 0 : server.cpuSeconds() - serverStart;
        selfSeconds = self.cpuSeconds() - selfStart;
    }

    double seconds() {
        return seconds;
    }

    boolean knowsServer() {
        return server != null;
    }

    double serverMicrosPerDelivery() {
        return deliveries == 0 ? 0 : serverSeconds * 1e6 / deliveries;
    }

    double generatorMicrosPerDelivery() {
        return deliveries == 0 ? 0 : selfSeconds * 1e6 / deliveries;
    }

    /// Of one core.
    double serverPercent() {
        return 100 * serverSeconds / seconds;
    }

    double generatorPercent() {
        return 100 * selfSeconds / seconds;
    }

    double microsAt(double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }
}
