package io.switchboard.server.app;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is to be done for each client, one thing after the other, on a virtual thread that lives as
/// long as there is something. Unbounded in itself: a client's credits bound what it can put here.
///
/// @param <K> compared by identity where it does not say otherwise
final class SessionLines<K> {
    private static final Logger LOG = LoggerFactory.getLogger(SessionLines.class);

    /// Those with a thread; each line is guarded by its place in the map.
    private final ConcurrentHashMap<K, ArrayDeque<Runnable>> lines = new ConcurrentHashMap<>();

    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("app-", 0).factory());

    /// From any thread; does not wait.
    ///
    /// @param task must not throw
    void add(K client, Runnable task) {
        boolean[] first = new boolean[1];
        lines.compute(
                client,
                (key, waiting) -> {
                    first[0] = waiting == null;
                    ArrayDeque<Runnable> line = waiting == null ? new ArrayDeque<>(2) : waiting;
                    line.add(task);
                    return line;
                });
        if (first[0]) {
            try {
                threads.execute(() -> run(client));
            } catch (RejectedExecutionException stopped) {
                lines.remove(client);
            }
        }
    }

    private void run(K client) {
        Runnable[] next = new Runnable[1];
        while (lines.computeIfPresent(
                        client,
                        (key, waiting) -> {
                            next[0] = waiting.poll();
                            return next[0] == null ? null : waiting;
                        })
                != null) {
            next[0].run();
        }
    }

    /// Waits until everything is done, at most so long; what is not is interrupted. Nothing new is
    /// begun after that.
    void close(Duration patience) {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("{} handlers were still busy and have been interrupted", lines.size());
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
