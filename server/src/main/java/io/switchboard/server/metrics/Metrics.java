package io.switchboard.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Overflow;
import io.switchboard.storage.StoreReading;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// What the server has done and what it holds, in the text format of Prometheus. The shards are
/// asked when somebody wants to know, and write nothing for it in between.
public final class Metrics implements AutoCloseable {
    private static final String LISTENER = "listener";
    private static final long SCRAPE_TIMEOUT_SECONDS = 5;

    private final Readings readings;
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /// Held here because the registry holds what it asks only weakly.
    private final @Nullable Supplier<StoreReading> store;

    /// The newest; scrapes at the same time may see each other's.
    private volatile List<ShardReading> shards = List.of();

    public Metrics(Readings readings) {
        this(readings, null);
    }

    /// @param store where messages are kept; null if they are not
    public Metrics(Readings readings, @Nullable Supplier<StoreReading> store) {
        this.readings = readings;
        this.store = store;
        gauges();
        counters();
        queues();
        reads();
        topics();
        if (store != null) {
            new StoreMetrics(store).bindTo(registry);
        }
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    private void gauges() {
        for (String listener : readings.connections().keySet()) {
            Gauge.builder(
                            "switchboard.connections",
                            readings,
                            it -> it.connections().getOrDefault(listener, 0L))
                    .description("Open connections")
                    .tag(LISTENER, listener)
                    .register(registry);
        }
        gauge("switchboard.sessions", "Sessions between CONNECT and end", ShardReading::sessions);
        gauge("switchboard.subscriptions", "Subscriptions", ShardReading::subscriptions);
        gauge(
                "switchboard.destinations",
                "Names and patterns with subscribers, counted on each shard that has some",
                ShardReading::destinations);
        bytes(
                "switchboard.waiting",
                "Bytes of messages that wait for clients to take them",
                ShardReading::bytesWaiting);
    }

    private void gauge(String name, String description, ToLongFunction<ShardReading> value) {
        Gauge.builder(name, this, it -> it.sum(value)).description(description).register(registry);
    }

    private void bytes(String name, String description, ToLongFunction<ShardReading> value) {
        Gauge.builder(name, this, it -> it.sum(value))
                .description(description)
                .baseUnit("bytes")
                .register(registry);
    }

    private void counters() {
        counter("switchboard.messages.in", "Messages accepted", ShardReading::messagesIn);
        counter(
                "switchboard.messages.out",
                "Messages put into the queues of subscribers",
                ShardReading::messagesOut);
        counter(
                "switchboard.credit.waits",
                "Times that a session waited until the commands before it were complete",
                ShardReading::waitsForCredit);
        FunctionCounter.builder("switchboard.http2.websockets", readings, Readings::http2WebSockets)
                .description("WebSockets opened on a stream of HTTP/2")
                .register(registry);
        for (Overflow policy : Overflow.values()) {
            counting(
                            "switchboard.messages.dropped",
                            "Messages not delivered to slow subscribers, by what was to happen",
                            it -> it.dropped().getOrDefault(policy, 0L))
                    .tag("policy", policy.text())
                    .register(registry);
        }
        for (Disconnect reason : Disconnect.values()) {
            counting(
                            "switchboard.sessions.ended",
                            "Sessions ended, by reason",
                            it -> it.ended().getOrDefault(reason, 0L))
                    .tag("reason", reason.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .register(registry);
        }
    }

    private void queues() {
        gauge("switchboard.queues", "Queues", of(QueueReading::queues));
        gauge("switchboard.queued.messages", "Messages in queues", of(QueueReading::messages));
        bytes(
                "switchboard.queued",
                "Bytes that the messages in queues are charged with",
                of(QueueReading::bytes));
        counter(
                "switchboard.queue.redelivered",
                "Messages handed to a consumer again",
                of(QueueReading::redelivered));
        counter(
                "switchboard.queue.expired",
                "Messages that grew too old",
                of(QueueReading::expired));
        counter(
                "switchboard.queue.dead.letters",
                "Messages that went to the dead letters",
                of(QueueReading::deadLetters));
        counter(
                "switchboard.queue.rejected",
                "Messages given up that had no dead letters to go to, or no room there",
                of(QueueReading::rejected));
        counter(
                "switchboard.queue.unrouted",
                "Messages to queues that go with their last subscriber, without one",
                of(QueueReading::unrouted));
        counter(
                "switchboard.duplicates",
                "Messages not delivered because their dedup id had been used",
                of(QueueReading::duplicates));
        gauge(
                "switchboard.durable.subscriptions",
                "Subscriptions that outlive their connections",
                of(QueueReading::durableSubscriptions));
        counter(
                "switchboard.durable.dropped",
                "Messages that went because too much waited for such a subscription",
                of(QueueReading::durableDropped));
        bytes(
                "switchboard.dedup",
                "Bytes that remembered dedup ids are charged with",
                of(QueueReading::dedupBytes));
    }

    /// What the shards ask the journal for.
    private void reads() {
        counter(
                "switchboard.journal.reads",
                "Reads of messages of queues that were not in memory",
                of(QueueReading::reads));
        counter(
                "switchboard.journal.reads.failed",
                "Reads that failed; they are tried again",
                of(QueueReading::readsFailed));
        counter(
                "switchboard.journal.lost",
                "Messages that should have been stored and could not be found",
                of(QueueReading::lost));
    }

    private void topics() {
        gauge(
                "switchboard.history.messages",
                "Messages in the histories of topics",
                it -> it.topics().historyMessages());
        bytes(
                "switchboard.history",
                "Bytes that the messages in histories are charged with",
                it -> it.topics().historyBytes());
        counter(
                "switchboard.history.evicted",
                "Messages that left a history for want of memory for all of them",
                it -> it.topics().historyEvicted());
        gauge(
                "switchboard.state.keys",
                "Keys with a value, of topics with state",
                it -> it.topics().stateKeys());
        bytes(
                "switchboard.state",
                "Bytes that their values are charged with",
                it -> it.topics().stateBytes());
        gauge(
                "switchboard.replays",
                "Subscriptions that are being given a topic's past",
                it -> it.topics().replays());
    }

    private static ToLongFunction<ShardReading> of(ToLongFunction<QueueReading> value) {
        return reading -> value.applyAsLong(reading.queues());
    }

    private void counter(String name, String description, ToLongFunction<ShardReading> value) {
        counting(name, description, value).register(registry);
    }

    private FunctionCounter.Builder<Metrics> counting(
            String name, String description, ToLongFunction<ShardReading> value) {
        return FunctionCounter.builder(name, this, it -> it.sum(value)).description(description);
    }

    private double sum(ToLongFunction<ShardReading> value) {
        return shards.stream().mapToLong(value).sum();
    }

    /// For what else there is to measure.
    public MeterRegistry registry() {
        return registry;
    }

    /// The metrics as they are now. The text is written on a virtual thread, as no shard has the
    /// time for that; fails when a shard does not answer in time.
    public CompletableFuture<String> scrape() {
        return readings.shards()
                .toCompletableFuture()
                .copy()
                .orTimeout(SCRAPE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .thenApplyAsync(
                        newest -> {
                            shards = newest;
                            return registry.scrape();
                        },
                        task -> Thread.ofVirtual().name("metrics").start(task));
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
