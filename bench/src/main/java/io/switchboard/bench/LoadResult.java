package io.switchboard.bench;

import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What came of a run.
///
/// @param failure what ended it early, or null
/// @param measurement null when it did not come to that
/// @param expected deliveries of all that was sent, warm-up included
/// @param foreign messages of another run; noise on the topic, so not what was measured
record LoadResult(
        LoadPlan plan,
        @Nullable String failure,
        @Nullable Measurement measurement,
        long expected,
        long received,
        long lost,
        long doubled,
        long reordered,
        long misrouted,
        long bad,
        long foreign) {

    /// All that was sent came once, in order, and to those whom it was for; nothing else came.
    boolean good() {
        return failure == null
                && measurement != null
                && lost + doubled + reordered + misrouted + bad + foreign == 0;
    }

    void print(PrintWriter out, String label) {
        out.printf(
                Locale.ROOT,
                "%s: %d expected, %d received, %d lost, %d doubled, %d reordered, %d misrouted,"
                        + " %d bad, %d foreign%n",
                plan.mode(),
                expected,
                received,
                lost,
                doubled,
                reordered,
                misrouted,
                bad,
                foreign);
        if (failure != null) {
            out.println("FAILED: " + failure);
        }
        if (measurement != null && measurement.seconds() > 0) {
            print(out, measurement);
            if (plan.rate() > 0) {
                out.printf(
                        Locale.ROOT,
                        "the generator itself was late by up to %.0f µs, which is in the latency%n",
                        measurement.lagNanos / 1e3);
            }
        }
        out.println("RESULT " + json(label));
        out.flush();
    }

    private static void print(PrintWriter out, Measurement m) {
        out.printf(
                Locale.ROOT,
                "%.0f deliveries/s, %.0f messages/s over %.1f s%n",
                m.deliveries / m.seconds(),
                m.messages / m.seconds(),
                m.seconds());
        if (m.knowsServer()) {
            out.printf(
                    Locale.ROOT,
                    "server: %.2f µs of CPU a delivery (%.0f %% of a core)%n",
                    m.serverMicrosPerDelivery(),
                    m.serverPercent());
        }
        out.printf(
                Locale.ROOT,
                "generator: %.2f µs of CPU a delivery (%.0f %% of a core; near 100 it is the"
                        + " limit, not the server)%n",
                m.generatorMicrosPerDelivery(),
                m.generatorPercent());
        out.printf(
                Locale.ROOT,
                "latency in µs: p50 %.0f, p90 %.0f, p99 %.0f, p99.9 %.0f, max %.0f%n",
                m.microsAt(50),
                m.microsAt(90),
                m.microsAt(99),
                m.microsAt(99.9),
                m.microsAt(100));
    }

    private String json(String label) {
        Json json =
                new Json()
                        .put("label", label)
                        .put("mode", plan.mode())
                        .put("ok", good())
                        .put("reason", failure == null ? "" : failure)
                        .put("connections", plan.population().connectionCount)
                        .put("body", plan.bodyLength())
                        .put("window", plan.window())
                        .put("rate", plan.rate())
                        .put("expected", expected)
                        .put("received", received)
                        .put("lost", lost)
                        .put("doubled", doubled)
                        .put("reordered", reordered)
                        .put("misrouted", misrouted)
                        .put("bad", bad)
                        .put("foreign", foreign);
        Measurement m = measurement;
        if (m != null && m.seconds() > 0) {
            json.put("seconds", m.seconds())
                    .put("deliveries_per_s", m.deliveries / m.seconds())
                    .put("messages_per_s", m.messages / m.seconds())
                    .put("generator_us", m.generatorMicrosPerDelivery())
                    .put("generator_percent", m.generatorPercent())
                    .put("p50_us", m.microsAt(50))
                    .put("p90_us", m.microsAt(90))
                    .put("p99_us", m.microsAt(99))
                    .put("p999_us", m.microsAt(99.9))
                    .put("max_us", m.microsAt(100))
                    .put("lag_max_us", m.lagNanos / 1e3);
            if (m.knowsServer()) {
                json.put("server_us", m.serverMicrosPerDelivery())
                        .put("server_percent", m.serverPercent());
            }
        }
        return json.toString();
    }
}
