package io.switchboard.bench;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One run: connect, probe, warm up, measure, drain. Owned by the loop of its [Crowd].
///
/// Closed loop: a message is done when its last subscriber has it, then the next is sent. Open
/// loop: messages are due at fixed times, and latency counts from the time that a message was due,
/// so a server that stalls is charged with every message that had to wait meanwhile.
final class Load implements Crowd.Audience {
    private static final long TICK_MILLIS = 10;
    private static final long PROBE_AGAIN = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long PROBES_END = TimeUnit.SECONDS.toNanos(30);
    private static final long CONNECT_END = TimeUnit.SECONDS.toNanos(180);

    /// After the last probe: so long nothing may come.
    private static final long QUIET = TimeUnit.MILLISECONDS.toNanos(400);

    /// At the end, for what should not come any more.
    private static final long AFTERMATH = TimeUnit.MILLISECONDS.toNanos(200);

    private enum Phase {
        CONNECTING,
        PROBING,
        QUIET,
        WARMING,
        MEASURING,
        DRAINING,
        DONE
    }

    private final LoadPlan plan;
    private final Population population;
    private final @Nullable ServerProcess server;
    private final Crowd crowd;
    private final Deliveries deliveries;
    private final @Nullable Window window;
    private final long[] sent;
    private final CompletableFuture<LoadResult> result = new CompletableFuture<>();

    private Phase phase = Phase.CONNECTING;
    private long phaseStart;
    private long progress;
    private long probedAt;
    private int probedCount;
    private int turn;
    private long expected;
    private long misrouted;
    private long dueCount;
    private long dueStart;
    private @Nullable Measurement measurement;
    private @Nullable ScheduledFuture<?> tick;
    private @Nullable String failure;

    private Load(LoadPlan plan, Crowd.Arguments arguments, @Nullable ServerProcess server)
            throws IOException {
        this.plan = plan;
        this.server = server;
        population = plan.population();
        crowd = new Crowd(arguments, population, plan.bodyLength(), this);
        deliveries = new Deliveries(population.pairCount());
        sent = new long[population.publisherCount];
        window =
                plan.rate() > 0
                        ? null
                        : new Window(
                                population.publisherCount,
                                2 * plan.window() / population.publisherCount + 2);
    }

    /// Runs from the first connection to the last; blocks the caller.
    static LoadResult run(LoadPlan plan, Crowd.Arguments arguments, @Nullable ServerProcess server)
            throws IOException {
        Load load = new Load(plan, arguments, server);
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
        if ((publisher & Crowd.PROBE) != 0) {
            probed(connection, publisher & ~Crowd.PROBE);
            return;
        }
        if (connection.firstPair < 0
                || publisher >= population.publisherCount
                || population.groupOfPublisher(publisher) != connection.group) {
            misrouted++;
            return;
        }
        int pair = connection.firstPair + population.placeInGroup(publisher);
        if (!deliveries.take(pair, sequence)) {
            return;
        }
        if (phase == Phase.MEASURING && measurement != null) {
            measurement.delivered(crowd.now - nanos);
        }
        if (window != null && window.delivered(publisher, sequence)) {
            done(publisher);
        }
    }

    private void probed(LoadConnection connection, int group) {
        if (group != connection.group || connection.firstPair < 0) {
            misrouted++;
        } else if (!connection.probed) {
            connection.probed = true;
            probedCount++;
        }
    }

    private void done(int publisher) {
        if (phase == Phase.MEASURING && measurement != null) {
            measurement.messages++;
        }
        if (sending()) {
            if (plan.ownTurn()) {
                send(publisher, crowd.clock());
            } else {
                sendNext();
            }
        }
    }

    // --- What goes ---

    private boolean sending() {
        return phase == Phase.WARMING || phase == Phase.MEASURING;
    }

    /// Whoever's turn it is and has room for one more in flight.
    private void sendNext() {
        for (int i = 0; i < population.publisherCount; i++) {
            int publisher = turn;
            turn = turn + 1 == population.publisherCount ? 0 : turn + 1;
            if (window == null || window.free(publisher, sent[publisher] + 1)) {
                send(publisher, crowd.clock());
                return;
            }
        }
    }

    private void send(int publisher, long nanos) {
        long sequence = ++sent[publisher];
        expected += population.subscribersPerGroup;
        if (window != null) {
            window.sent(publisher, sequence, population.subscribersPerGroup);
        }
        crowd.publish(publisher, sequence, nanos);
    }

    private void beginSending() {
        if (plan.rate() > 0) {
            dueStart = crowd.clock();
            pump();
        } else if (plan.ownTurn()) {
            int first = Math.min(plan.window(), population.publisherCount);
            for (int publisher = 0; publisher < first; publisher++) {
                send(publisher, crowd.clock());
            }
        } else {
            for (int i = 0; i < plan.window(); i++) {
                sendNext();
            }
        }
    }

    /// Open loop: sends what is due, stamped with the time at which it was.
    private void pump() {
        if (!sending()) {
            return;
        }
        long now = crowd.clock();
        long due = due();
        while (due <= now) {
            if (measurement != null) {
                measurement.lagNanos = Math.max(measurement.lagNanos, now - due);
                measurement.messages++;
            }
            send(turn, due);
            turn = turn + 1 == population.publisherCount ? 0 : turn + 1;
            dueCount++;
            due = due();
        }
        crowd.loop().schedule(this::pump, due - crowd.clock(), TimeUnit.NANOSECONDS);
    }

    private long due() {
        return dueStart + (long) (dueCount * (1e9 / plan.rate()));
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
                if (crowd.allReady()) {
                    enter(Phase.PROBING);
                    probe();
                } else if (since > CONNECT_END) {
                    failed(
                            "only %d of %d connections after %d s"
                                    .formatted(
                                            crowd.readyCount(),
                                            population.connectionCount,
                                            CONNECT_END / 1_000_000_000));
                }
            }
            case PROBING -> {
                if (probedCount == population.subscriberCount()) {
                    enter(Phase.QUIET);
                } else if (since > PROBES_END) {
                    failed(
                            "only %d of %d subscriptions heard the probes"
                                    .formatted(probedCount, population.subscriberCount()));
                } else if (now - probedAt > PROBE_AGAIN) {
                    probe();
                }
            }
            case QUIET -> {
                if (now - progress > QUIET) {
                    enter(Phase.WARMING);
                    beginSending();
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
                boolean complete = deliveries.received() >= expected;
                if (now - progress > (complete ? AFTERMATH : stallNanos())) {
                    finish();
                }
            }
            case DONE -> {}
        }
    }

    private void probe() {
        probedAt = crowd.clock();
        for (int group = 0; group < population.groupCount; group++) {
            crowd.probe(group);
        }
    }

    private void stalled(long now) {
        if (now - progress > stallNanos() && expected > deliveries.received()) {
            failed(
                    "nothing came for %.0f s while %d deliveries were due"
                            .formatted(plan.stallSeconds(), expected - deliveries.received()));
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
                new LoadResult(
                        plan,
                        failure,
                        measurement,
                        expected,
                        deliveries.received(),
                        deliveries.lost(population, sent),
                        deliveries.doubled(),
                        deliveries.reordered(),
                        misrouted,
                        crowd.bad,
                        crowd.foreign));
    }
}
