package io.switchboard.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What a connection costs that only subscribes and waits: opens them in steps and looks at the
/// server's memory after each.
final class IdleLoad implements Crowd.Audience {
    private static final int POLL_MILLIS = 20;
    private static final long STEP_END_NANOS = TimeUnit.SECONDS.toNanos(180);

    /// One look. Sizes in KiB; the heap is -1 where it is not known.
    private record Step(int connections, double perSecond, long residentKib, long heapKib) {}

    private final List<Integer> steps;
    private final double holdSeconds;
    private final @Nullable ServerProcess server;
    private final Crowd crowd;
    private final CompletableFuture<String> failure = new CompletableFuture<>();

    private IdleLoad(
            List<Integer> steps,
            double holdSeconds,
            Crowd.Arguments arguments,
            @Nullable ServerProcess server)
            throws IOException {
        this.steps = steps;
        this.holdSeconds = holdSeconds;
        this.server = server;
        crowd = new Crowd(arguments, Population.idle(steps.getLast()), Stamp.LENGTH, this);
    }

    /// Prints as it goes; blocks the caller.
    ///
    /// @return whether every connection came about and stayed
    static boolean run(
            List<Integer> steps,
            double holdSeconds,
            Crowd.Arguments arguments,
            @Nullable ServerProcess server,
            PrintWriter out,
            String label)
            throws IOException, InterruptedException {
        IdleLoad load = new IdleLoad(steps, holdSeconds, arguments, server);
        try {
            return load.climb(out, label);
        } finally {
            load.crowd.close();
        }
    }

    private boolean climb(PrintWriter out, String label) throws IOException, InterruptedException {
        List<Step> taken = new ArrayList<>();
        int before = 0;
        for (int count : steps) {
            double seconds = open(count);
            if (failure.isDone()) {
                break;
            }
            Step step = look(count, (count - before) / seconds);
            taken.add(step);
            before = count;
            out.printf(
                    Locale.ROOT,
                    "%d connections (%.0f/s): resident %d KiB%s%n",
                    step.connections,
                    step.perSecond,
                    step.residentKib,
                    step.heapKib < 0 ? "" : ", live heap " + step.heapKib + " KiB");
            out.flush();
        }
        report(taken, out, label);
        return !failure.isDone();
    }

    /// @return how long it took
    private double open(int count) throws InterruptedException {
        long start = System.nanoTime();
        crowd.loop().execute(() -> crowd.open(count));
        while (!failure.isDone() && !allReady()) {
            if (System.nanoTime() - start > STEP_END_NANOS) {
                failed("%d connections did not come about in 180 s".formatted(count));
            }
            Thread.sleep(POLL_MILLIS);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Thread.sleep((long) (holdSeconds * 1000));
        return seconds;
    }

    private boolean allReady() {
        return crowd.loop().submit(crowd::allReady).awaitUninterruptibly().getNow();
    }

    private Step look(int count, double perSecond) throws IOException, InterruptedException {
        OptionalLong heap = server == null ? OptionalLong.empty() : server.liveHeapKib();
        return new Step(
                count,
                perSecond,
                server == null ? 0 : server.residentKib(),
                heap.isPresent() ? heap.getAsLong() : -1);
    }

    private void report(List<Step> taken, PrintWriter out, String label) {
        Json json =
                new Json()
                        .put("label", label)
                        .put("mode", "idle")
                        .put("ok", !failure.isDone())
                        .put("reason", failure.getNow(""));
        if (taken.size() > 1) {
            Step first = taken.getFirst();
            Step last = taken.getLast();
            double more = last.connections - first.connections;
            double resident = (last.residentKib - first.residentKib) / more;
            out.printf(
                    Locale.ROOT,
                    "between %d and %d connections: %.2f KiB resident each",
                    first.connections,
                    last.connections,
                    resident);
            json.put("connections", last.connections).put("resident_kib_each", resident);
            if (first.heapKib >= 0) {
                double heap = (last.heapKib - first.heapKib) / more;
                out.printf(Locale.ROOT, ", %.2f KiB live heap each", heap);
                json.put("heap_kib_each", heap);
            }
            out.println();
        }
        if (failure.isDone()) {
            out.println("FAILED: " + failure.getNow(""));
        }
        out.println("RESULT " + json);
        out.flush();
    }

    @Override
    public void delivered(LoadConnection connection, int publisher, long sequence, long nanos) {
        failed("a message came that nobody had sent");
    }

    @Override
    public void failed(String reason) {
        failure.complete(reason);
    }
}
