package io.switchboard.bench;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One run with queues: connect and subscribe, drain what lies there, warm up, measure, drain.
/// Owned by the loop of its [Crowd].
///
/// Closed loop: each producer has so many messages in flight. A message is done when a consumer has
/// it and, where receipts are asked for, when its receipt is there too.
final class QueueLoad implements Crowd.Audience {
    private static final long TICK_MILLIS = 10;
    private static final long CONNECT_END = TimeUnit.SECONDS.toNanos(60);

    /// So long nothing of another run may come before this one begins.
    private static final long QUIET = TimeUnit.MILLISECONDS.toNanos(400);

    /// At the end, for what should not come any more, and for the last ACK to be read.
    private static final long AFTERMATH = TimeUnit.MILLISECONDS.toNanos(200);

    private enum Phase {
        CONNECTING,
        QUIET,
        WARMING,
        MEASURING,
        DRAINING,
        DONE
    }

    private final QueuePlan plan;
    private final Population population;
    private final @Nullable ServerProcess server;
    private final Crowd crowd;
    private final QueueDeliveries deliveries;
    private final Window window;
    private final long[] sent;

    /// Messages that each producer may still send.
    private final int[] free;

    private final CompletableFuture<QueueResult> result = new CompletableFuture<>();

    private Phase phase = Phase.CONNECTING;
    private long phaseStart;
    private long progress;
    private int subscribedCount;
    private long sentInAll;
    private long misrouted;
    private long drained;
    private @Nullable Measurement measurement;
    private @Nullable ScheduledFuture<?> tick;
    private @Nullable String failure;

    private QueueLoad(QueuePlan plan, Crowd.Arguments arguments, @Nullable ServerProcess server)
            throws IOException {
        this.plan = plan;
        this.server = server;
        population = plan.population();
        crowd =
                new Crowd(
                        arguments.with(plan.dialect(arguments.dialect())),
                        population,
                        plan.bodyLength(),
                        this);
        deliveries = new QueueDeliveries(population.publisherCount, population.pairCount());
        window = new Window(population.publisherCount, 2 * plan.inFlight());
        sent = new long[population.publisherCount];
        free = new int[population.publisherCount];
        Arrays.fill(free, plan.inFlight());
    }

    /// Runs from the first connection to the last; blocks the caller.
    static QueueResult run(
            QueuePlan plan, Crowd.Arguments arguments, @Nullable ServerProcess server)
            throws IOException {
        QueueLoad load = new QueueLoad(plan, arguments, server);
        try {
            load.crowd.loop().execute(load::start);
            return load.result.join();
        } finally {
            load.crowd.close();
        }
    }

    private void start() {
        EventLoop loop = crowd.loop();
        tick =
                loop.scheduleAtFixedRate(
                        this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        crowd.open(population.connectionCount);
    }

    @Override
    public void failed(String reason) {
        if (failure == null) {
            failure = reason;
        }
    }

    // --- What comes ---

    @Override
    public void delivered(LoadConnection connection, int publisher, long sequence, long nanos) {
        progress = crowd.now;
        if (!belongs(connection, publisher, sequence)) {
            return;
        }
        int pair = connection.firstPair + population.placeInGroup(publisher);
        if (deliveries.take(publisher, pair, sequence)) {
            if (phase == Phase.MEASURING && measurement != null) {
                measurement.delivered(crowd.now - nanos);
            }
            partDone(publisher, sequence);
        }
    }

    /// Its latency says nothing, so it is not measured.
    @Override
    public void redelivered(LoadConnection connection, int publisher, long sequence) {
        progress = crowd.now;
        if (belongs(connection, publisher, sequence) && deliveries.takeAgain(publisher, sequence)) {
            partDone(publisher, sequence);
        }
    }

    private boolean belongs(LoadConnection connection, int publisher, long sequence) {
        if (connection.firstPair < 0
                || publisher >= population.publisherCount
                || population.groupOfPublisher(publisher) != connection.group) {
            misrouted++;
            return false;
        }
        if (sequence < 1 || sequence > sent[publisher]) {
            failed("message " + sequence + " of a producer that has sent " + sent[publisher]);
            return false;
        }
        return true;
    }

    @Override
    public void receipt(String id) {
        progress = crowd.now;
        if (phase == Phase.CONNECTING && id.equals(QueueDialect.SUBSCRIBED)) {
            subscribedCount++;
            return;
        }
        ReceiptId of = plan.receipts() ? ReceiptId.of(id) : null;
        if (of == null
                || of.publisher() >= population.publisherCount
                || of.sequence() > sent[of.publisher()]
                || !deliveries.takeReceipt(of.publisher(), of.sequence())) {
            failed("a receipt came that nobody waits for: " + id);
        } else {
            partDone(of.publisher(), of.sequence());
        }
    }

    private void partDone(int publisher, long sequence) {
        if (window.delivered(publisher, sequence)) {
            if (phase == Phase.MEASURING && measurement != null) {
                measurement.messages++;
            }
            free[publisher]++;
            send(publisher);
        }
    }

    // --- What goes ---

    /// As much as may be in flight. A message that is late keeps those back that would need its
    /// place in the window.
    private void send(int publisher) {
        while (free[publisher] > 0
                && (phase == Phase.WARMING || phase == Phase.MEASURING)
                && window.free(publisher, sent[publisher] + 1)) {
            free[publisher]--;
            sentInAll++;
            long sequence = ++sent[publisher];
            window.sent(publisher, sequence, plan.receipts() ? 2 : 1);
            crowd.publish(publisher, sequence, crowd.clock());
        }
    }

    // --- Phases ---

    private void enter(Phase next) {
        phase = next;
        phaseStart = crowd.clock();
        progress = phaseStart;
    }

    private void tick() {
        try {
            if (failure != null) {
                finish();
            } else {
                advance(crowd.clock());
            }
        } catch (IOException | RuntimeException e) {
            failed(e.toString());
            finish();
        }
    }

    private void advance(long now) throws IOException {
        long since = now - phaseStart;
        switch (phase) {
            case CONNECTING -> {
                if (crowd.allReady() && subscribedCount == population.subscriberCount()) {
                    enter(Phase.QUIET);
                } else if (since > CONNECT_END) {
                    failed(
                            "only %d of %d connections and %d of %d subscriptions after %d s"
                                    .formatted(
                                            crowd.readyCount(),
                                            population.connectionCount,
                                            subscribedCount,
                                            population.subscriberCount(),
                                            CONNECT_END / 1_000_000_000));
                }
            }
            case QUIET -> {
                if (drained < crowd.foreign) {
                    drained = crowd.foreign;
                    progress = now;
                } else if (now - progress > QUIET) {
                    enter(Phase.WARMING);
                    for (int publisher = 0; publisher < population.publisherCount; publisher++) {
                        send(publisher);
                    }
                }
            }
            case WARMING -> {
                if (since >= plan.warmSeconds() * 1e9) {
                    enter(Phase.MEASURING);
                    measurement = new Measurement(server, now);
                }
                stalled(now);
            }
            case MEASURING -> {
                if (since >= plan.measureSeconds() * 1e9 && measurement != null) {
                    enter(Phase.DRAINING);
                    measurement.end(now);
                }
                stalled(now);
            }
            case DRAINING -> {
                if (now - progress > (due() == 0 ? AFTERMATH : stallNanos())) {
                    finish();
                }
            }
            case DONE -> {}
        }
    }

    /// Deliveries and receipts that are still to come.
    private long due() {
        return sentInAll - deliveries.received() + receiptsDue();
    }

    private long receiptsDue() {
        return plan.receipts() ? sentInAll - deliveries.receipts() : 0;
    }

    private void stalled(long now) {
        if (now - progress > stallNanos() && due() > 0) {
            failed(
                    "nothing came for %.0f s while %d deliveries and receipts were due"
                            .formatted(plan.stallSeconds(), due()));
        }
    }

    private long stallNanos() {
        return (long) (plan.stallSeconds() * 1e9);
    }

    private void finish() {
        if (tick != null) {
            tick.cancel(false);
        }
        phase = Phase.DONE;
        result.complete(
                new QueueResult(
                        plan,
                        failure,
                        measurement,
                        sentInAll,
                        deliveries.received(),
                        receiptsDue(),
                        deliveries.doubled(),
                        deliveries.redelivered(),
                        deliveries.reordered(),
                        misrouted,
                        crowd.bad,
                        drained,
                        crowd.foreign - drained));
    }
}
