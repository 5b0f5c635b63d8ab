package io.switchboard.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.switchboard.storage.StoreReading;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StoreMetricsTest {
    private StoreReading reading = new StoreReading(0, 0, 0, 0, 0, 0, 0, 0);

    /// Every number differs, so that two of them changed over would be seen.
    @Test
    void sayWhatTheStoreSays() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        StoreMetrics metrics = new StoreMetrics(() -> reading);
        metrics.bindTo(registry);
        reading = new StoreReading(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(lines(registry))
                .containsExactlyInAnyOrder(
                        "switchboard_journal_batches_total 1.0",
                        "switchboard_journal_syncs_total 2.0",
                        "switchboard_journal_written_bytes_total 3.0",
                        "switchboard_journal_failures_total 4.0",
                        "switchboard_stored_messages 5.0",
                        "switchboard_stored_bytes 6.0",
                        "switchboard_stored_files_bytes 7.0",
                        "switchboard_disk_free_bytes 8.0");
    }

    @Test
    void areAskedAgainEachTime() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        StoreMetrics metrics = new StoreMetrics(() -> reading);
        metrics.bindTo(registry);
        reading = new StoreReading(0, 0, 0, 0, 0, 0, 0, 100);
        assertThat(registry.get("switchboard.disk.free").gauge().value()).isEqualTo(100);
        reading = new StoreReading(0, 0, 0, 0, 0, 0, 0, 99);
        assertThat(registry.get("switchboard.disk.free").gauge().value()).isEqualTo(99);
    }

    private static List<String> lines(PrometheusMeterRegistry registry) {
        return registry.scrape().lines().filter(line -> !line.startsWith("#")).toList();
    }
}
