package io.switchboard.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.switchboard.storage.StoreReading;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/// What the journal has done and what the disk holds. The store is asked once for each number, when
/// somebody wants to know.
final class StoreMetrics implements MeterBinder {
    private static final String BYTES = "bytes";

    private final Supplier<StoreReading> store;

    StoreMetrics(Supplier<StoreReading> store) {
        this.store = store;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter("switchboard.journal.batches", "Changes stored", StoreReading::batches)
                .register(registry);
        counter(
                        "switchboard.journal.syncs",
                        "Syncs of the disk that those took",
                        StoreReading::syncs)
                .register(registry);
        counter("switchboard.journal.written", "Bytes of those", StoreReading::bytes)
                .baseUnit(BYTES)
                .register(registry);
        counter(
                        "switchboard.journal.failures",
                        "Changes refused because they could not be stored",
                        StoreReading::failures)
                .register(registry);
        gauge(
                        "switchboard.stored.messages",
                        "Messages and values on the disk, about",
                        StoreReading::messages)
                .register(registry);
        gauge("switchboard.stored", "Bytes of those, about", StoreReading::liveBytes)
                .baseUnit(BYTES)
                .register(registry);
        gauge(
                        "switchboard.stored.files",
                        "Bytes that they take on the disk with what is gone and not cleared away",
                        StoreReading::diskBytes)
                .baseUnit(BYTES)
                .register(registry);
        gauge("switchboard.disk.free", "Bytes free on the disk", StoreReading::freeBytes)
                .baseUnit(BYTES)
                .register(registry);
    }

    private FunctionCounter.Builder<?> counter(
            String name, String description, ToLongFunction<StoreReading> value) {
        return FunctionCounter.builder(name, store, it -> value.applyAsLong(it.get()))
                .description(description);
    }

    private Gauge.Builder<?> gauge(
            String name, String description, ToLongFunction<StoreReading> value) {
        return Gauge.builder(name, store, it -> value.applyAsLong(it.get()))
                .description(description);
    }
}
