package io.switchboard.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// What waits to be written, and the thread that writes it; also the heart-beats, which are due
/// when nothing was.
final class Outbox {
    /// Past it a caller waits.
    static final int CAPACITY = 64;

    private final Link link;
    private final Consumer<IOException> failed;
    private final ArrayBlockingQueue<ByteBuffer> waiting = new ArrayBlockingQueue<>(CAPACITY);
    private final Thread writer;

    /// Half the promised period; 0 for no heart-beats.
    private volatile long pauseMillis;

    private volatile boolean stopped;

    Outbox(Link link, Consumer<IOException> failed) {
        this.link = link;
        this.failed = failed;
        writer = Thread.ofVirtual().name("stomp-writer").unstarted(this::write);
    }

    void start() {
        writer.start();
    }

    /// Ends the writer. What still waits is dropped.
    void stop() {
        stopped = true;
        writer.interrupt();
    }

    /// @param periodMillis what was promised, 0 for nothing
    void beatEvery(int periodMillis) {
        pauseMillis = (periodMillis + 1L) / 2;
        // The writer waits without an end so far; an empty buffer shows it the new pause.
        offer(ByteBuffer.allocate(0));
    }

    void put(ByteBuffer framed, Duration timeout) throws IOException {
        try {
            if (stopped || !waiting.offer(framed, timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(
                        stopped
                                ? "the connection has ended"
                                : "the server does not read: nothing could be sent for "
                                        + timeout.toMillis()
                                        + " ms");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while sending");
        }
    }

    /// Drops it where there is no room: other bytes are on their way then, which show the server
    /// that this side lives.
    void offer(ByteBuffer framed) {
        if (!waiting.offer(framed)) {
            return;
        }
    }

    private void write() {
        try {
            while (!stopped) {
                ByteBuffer next =
                        pauseMillis == 0
                                ? waiting.take()
                                : waiting.poll(pauseMillis, TimeUnit.MILLISECONDS);
                if (next == null) {
                    next = link.frame(ByteBuffer.wrap(new byte[] {'\n'}));
                }
                if (next.hasRemaining()) {
                    link.write(next);
                }
            }
        } catch (InterruptedException e) {
            // stop() was called.
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            failed.accept(e);
        }
    }
}
