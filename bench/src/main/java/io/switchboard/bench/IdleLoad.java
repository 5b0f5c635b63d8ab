package io.switchboard.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What a connection costs that subscribes and waits: opens them in steps and looks at the server's
/// memory after each. They may say something to themselves before they wait, one message at a time,
/// so that what a server keeps of a conversation is there.
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
    private final int messageCount;

    // The crowd's loop's own.

    /// By connection: messages that came back.
    private final int[] heard;

    /// Connections that have heard all of theirs.
    private int doneCount;

    private IdleLoad(
            List<Integer> steps,
            double holdSeconds,
            Talk talk,
            Crowd.Arguments arguments,
            @Nullable ServerProcess server)
            throws IOException {
        this.steps = steps;
        this.holdSeconds = holdSeconds;
        this.server = server;
        messageCount = talk.messageCount;
        heard = new int[steps.getLast()];
        crowd = new Crowd(arguments, Population.idle(steps.getLast()), talk.bodyLength, this);
    }

    /// What each connection says to itself before it waits.
    record Talk(int messageCount, int bodyLength) {
        Talk {
            if (messageCount < 0) {
                throw new IllegalArgumentException(
                        "expected --messages of 0 or more but was " + messageCount);
            }
            LoadPlan.checkBody(bodyLength);
        }
    }

    /// Prints as it goes; blocks the caller.
    ///
    /// @return whether every connection came about and stayed
    static boolean run(
            List<Integer> steps,
            double holdSeconds,
            Talk talk,
            Crowd.Arguments arguments,
            @Nullable ServerProcess server,
            PrintWriter out,
            String label)
            throws IOException, InterruptedException {
        IdleLoad load = new IdleLoad(steps, holdSeconds, talk, arguments, server);
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
            double seconds = open(before, count);
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
    private double open(int before, int count) throws InterruptedException {
        long start = System.nanoTime();
        crowd.loop().execute(() -> crowd.open(count));
        await(crowd::allReady, "%d connections did not come about".formatted(count));
        double seconds = (System.nanoTime() - start) / 1e9;
        if (messageCount > 0 && !failure.isDone()) {
            crowd.loop().execute(() -> talk(before, count));
            await(() -> doneCount == count, "not all messages came back");
        }
        Thread.sleep((long) (holdSeconds * 1000));
        return seconds;
    }

    /// @param condition asked on the loop
    private void await(Callable<Boolean> condition, String otherwise) throws InterruptedException {
        long start = System.nanoTime();
        while (!failure.isDone()
                && !crowd.loop().submit(condition).awaitUninterruptibly().getNow()) {
            if (System.nanoTime() - start > STEP_END_NANOS) {
                failed(otherwise + " in 180 s");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private void talk(int from, int to) {
        for (int number = from; number < to; number++) {
            crowd.publish(number, 0, crowd.clock());
        }
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
        int number = connection.number;
        if (publisher != number || sequence != heard[number] || sequence >= messageCount) {
            failed("a message came that nobody had sent, or not in its turn");
            return;
        }
        heard[number]++;
        if (heard[number] < messageCount) {
            crowd.publish(number, heard[number], crowd.clock());
        } else {
            doneCount++;
        }
    }

    @Override
    public void failed(String reason) {
        failure.complete(reason);
    }
}
