package io.switchboard.conformance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/// Asks many cases at once.
final class Run {
    /// Connections at a time.
    private static final int PARALLEL = 16;

    private Run() {}

    /// In the order of the cases.
    static <T> List<Result> of(List<Case<T>> cases, T asked) throws InterruptedException {
        Semaphore places = new Semaphore(PARALLEL);
        List<Result> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Outcome>> outcomes = new ArrayList<>();
            for (Case<T> each : cases) {
                outcomes.add(
                        threads.submit(() -> {
                            places.acquire();
                            try {
                                return ask(each, asked);
                            } finally {
                                places.release();
                            }
                        }));
            }
            for (int i = 0; i < cases.size(); i++) {
                results.add(Result.of(cases.get(i), outcomes.get(i).get()));
            }
        } catch (ExecutionException e) {
            throw new AssertionError("a case that does not end in a verdict", e.getCause());
        }
        return results;
    }

    private static <T> Outcome ask(Case<T> each, T asked) {
        try {
            return each.script().run(asked);
        } catch (IOException | IllegalArgumentException e) {
            return Outcome.fail(e.toString());
        }
    }
}
