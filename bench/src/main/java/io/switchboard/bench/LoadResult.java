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
            measurement.print(out);
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
            m.put(json);
        }
        return json.toString();
    }
}
