package io.switchboard.bench;

import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What came of a run with queues.
///
/// @param failure what ended it early, or null
/// @param measurement null when it did not come to that
/// @param sent messages, warm-up included
/// @param receiptsMissing of those that were asked for
/// @param redelivered messages that the server said it had delivered before; no fault by itself
/// @param drained messages of another run that lay in the queues at the start; no fault either
/// @param foreign those that came later
record QueueResult(
        QueuePlan plan,
        @Nullable String failure,
        @Nullable Measurement measurement,
        long sent,
        long received,
        long receiptsMissing,
        long doubled,
        long redelivered,
        long reordered,
        long misrouted,
        long bad,
        long drained,
        long foreign) {

    long lost() {
        return sent - received;
    }

    /// All that was sent was consumed once, in order, and nothing else came.
    boolean good() {
        return failure == null
                && measurement != null
                && lost() + receiptsMissing + doubled + reordered + misrouted + bad + foreign == 0;
    }

    void print(PrintWriter out, String label) {
        out.printf(
                Locale.ROOT,
                "queue: %d sent, %d received, %d lost, %d without receipt, %d doubled,"
                        + " %d redelivered, %d reordered, %d misrouted, %d bad, %d drained,"
                        + " %d foreign%n",
                sent,
                received,
                lost(),
                receiptsMissing,
                doubled,
                redelivered,
                reordered,
                misrouted,
                bad,
                drained,
                foreign);
        if (failure != null) {
            out.println("FAILED: " + failure);
        }
        if (measurement != null && measurement.seconds() > 0) {
            measurement.print(out);
        }
        out.println("RESULT " + json(label));
        out.flush();
    }

    private String json(String label) {
        Json json =
                new Json()
                        .put("label", label)
                        .put("mode", "queue")
                        .put("ok", good())
                        .put("reason", failure == null ? "" : failure)
                        .put("queues", plan.queues())
                        .put("producers", plan.producers())
                        .put("consumers", plan.consumers())
                        .put("ack", plan.ack().header)
                        .put("receipts", plan.receipts())
                        .put("persistent", plan.persistent())
                        .put("in_flight", plan.inFlight())
                        .put("body", plan.bodyLength())
                        .put("expected", sent)
                        .put("received", received)
                        .put("lost", lost())
                        .put("receipts_missing", receiptsMissing)
                        .put("doubled", doubled)
                        .put("redelivered", redelivered)
                        .put("reordered", reordered)
                        .put("misrouted", misrouted)
                        .put("bad", bad)
                        .put("drained", drained)
                        .put("foreign", foreign);
        if (measurement != null && measurement.seconds() > 0) {
            measurement.put(json);
        }
        return json.toString();
    }
}
