package io.switchboard.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/// Sends one thing after the other, with a number of them under way, until the server is gone.
final class Producer implements AutoCloseable {
    private static final int UNDER_WAY_MAX = 32;

    /// @param frames of which the last asks for the receipt
    /// @param promised what holds from that receipt on
    record Step(List<String> frames, Runnable promised) {}

    private final Function<String, Step> steps;
    private final Semaphore receipts;
    private final Semaphore free = new Semaphore(UNDER_WAY_MAX);
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, Runnable> underWay = new ConcurrentHashMap<>();
    private final RawStomp stomp;
    private final Thread thread;

    /// @param receipts gets one for each receipt
    /// @param steps what comes next, for the id of its receipt
    Producer(int port, Semaphore receipts, Function<String, Step> steps) throws IOException {
        this.receipts = receipts;
        this.steps = steps;
        stomp = new RawStomp(port, this::on);
        thread = Thread.ofVirtual().start(this::produce);
    }

    private void on(RawStomp.Frame frame) {
        Runnable promised = underWay.remove(frame.header("receipt-id"));
        if (promised != null) {
            promised.run();
            receipts.release();
            free.release();
        }
    }

    private void produce() {
        try {
            boolean alive = true;
            while (alive) {
                free.acquire();
                String receipt = "r" + ids.incrementAndGet();
                Step step = steps.apply(receipt);
                underWay.put(receipt, step.promised());
                for (String frame : step.frames()) {
                    alive = alive && stomp.say(frame);
                }
            }
        } catch (InterruptedException e) {
            return;
        }
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
        stomp.awaitEnd();
    }
}
