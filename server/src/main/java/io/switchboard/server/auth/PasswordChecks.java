package io.switchboard.server.auth;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Where passwords are checked: one at a time on each core, since each takes megabytes and all of a
/// core, the others in a line that is bounded. For all threads.
final class PasswordChecks implements AutoCloseable {
    static final int WAITING_MAX = 256;

    private final ThreadPoolExecutor threads;

    PasswordChecks(int atATime) {
        threads =
                new ThreadPoolExecutor(
                        atATime,
                        atATime,
                        10,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(WAITING_MAX),
                        task -> {
                            Thread thread = new Thread(task, "switchboard-password");
                            thread.setDaemon(true);
                            return thread;
                        });
        threads.allowCoreThreadTimeOut(true);
    }

    /// Waits for its turn and its end. Whoever is interrupted leaves the line.
    ///
    /// @throws RejectedExecutionException if the line is full
    <T> T run(Callable<T> check) throws InterruptedException {
        FutureTask<T> task = new FutureTask<>(check);
        threads.execute(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            threads.remove(task);
            throw e;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a password could not be checked", e.getCause());
        }
    }

    int waiting() {
        return threads.getQueue().size();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
