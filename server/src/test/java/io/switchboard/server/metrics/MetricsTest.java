package io.switchboard.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Overflow;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MetricsTest {
    private final Shards shards = new Shards();
    private final Metrics metrics = new Metrics(shards);

    @AfterEach
    void close() {
        metrics.close();
    }

    /// Every number differs, so that two of them changed over would be seen.
    @Test
    void areTheSumsOverTheShards() throws Exception {
        shards.next =
                CompletableFuture.completedFuture(
                        List.of(
                                new ShardReading(
                                        1,
                                        2,
                                        3,
                                        4,
                                        5,
                                        6,
                                        7,
                                        new QueueReading(
                                                101, 102, 103, 104, 105, 106, 107, 108, 109, 110,
                                                111, 112, 113, 114, 115),
                                        new TopicReading(1_201, 2, 3, 4, 5, 6),
                                        Map.of(Overflow.DROP_OLDEST, 8L, Overflow.DROP_NEWEST, 9L),
                                        Map.of(Disconnect.SLOW_CONSUMER, 11L)),
                                new ShardReading(
                                        10,
                                        20,
                                        30,
                                        40,
                                        50,
                                        60,
                                        70,
                                        new QueueReading(
                                                1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
                                                1000, 1000, 1000, 1000, 1000, 1000, 1000),
                                        new TopicReading(0, 1_200, 1_200, 1_200, 1_200, 1_200),
                                        Map.of(Overflow.DROP_OLDEST, 80L),
                                        Map.of(
                                                Disconnect.SLOW_CONSUMER, 110L,
                                                Disconnect.NORMAL, 120L))));

        assertThat(lines())
                .contains(
                        "switchboard_sessions 11.0",
                        "switchboard_subscriptions 22.0",
                        "switchboard_destinations 33.0",
                        "switchboard_messages_in_total 44.0",
                        "switchboard_messages_out_total 55.0",
                        "switchboard_waiting_bytes 66.0",
                        "switchboard_credit_waits_total 77.0",
                        "switchboard_queues 1101.0",
                        "switchboard_queued_messages 1102.0",
                        "switchboard_queued_bytes 1103.0",
                        "switchboard_queue_redelivered_total 1104.0",
                        "switchboard_queue_expired_total 1105.0",
                        "switchboard_queue_dead_letters_total 1106.0",
                        "switchboard_queue_rejected_total 1107.0",
                        "switchboard_queue_unrouted_total 1108.0",
                        "switchboard_duplicates_total 1109.0",
                        "switchboard_dedup_bytes 1110.0",
                        "switchboard_durable_subscriptions 1111.0",
                        "switchboard_durable_dropped_total 1112.0",
                        "switchboard_history_messages 1201.0",
                        "switchboard_history_bytes 1202.0",
                        "switchboard_history_evicted_total 1203.0",
                        "switchboard_journal_reads_total 1113.0",
                        "switchboard_journal_reads_failed_total 1114.0",
                        "switchboard_journal_lost_total 1115.0",
                        "switchboard_state_keys 1204.0",
                        "switchboard_state_bytes 1205.0",
                        "switchboard_replays 1206.0",
                        "switchboard_messages_dropped_total{policy=\"drop-oldest\"} 88.0",
                        "switchboard_messages_dropped_total{policy=\"drop-newest\"} 9.0",
                        "switchboard_messages_dropped_total{policy=\"disconnect\"} 0.0",
                        "switchboard_sessions_ended_total{reason=\"slow-consumer\"} 121.0",
                        "switchboard_sessions_ended_total{reason=\"normal\"} 120.0",
                        "switchboard_sessions_ended_total{reason=\"gone\"} 0.0");
    }

    @Test
    void areReadAnewEachTime() throws Exception {
        shards.next = sessions(1);
        assertThat(lines()).contains("switchboard_sessions 1.0");
        shards.next = sessions(2);
        assertThat(lines()).contains("switchboard_sessions 2.0");
    }

    @Test
    void haveConnectionsByListener() throws Exception {
        assertThat(lines())
                .contains(
                        "switchboard_connections{listener=\"http\"} 3.0",
                        "switchboard_connections{listener=\"stomp\"} 0.0");
    }

    @Test
    void haveWhatTheMachineDoes() throws Exception {
        List<String> lines = lines();

        for (String start :
                List.of(
                        "jvm_memory_used_bytes{",
                        "jvm_gc_memory_allocated_bytes_total ",
                        "jvm_threads_live_threads ",
                        "process_cpu_usage ",
                        "process_uptime_seconds ")) {
            assertThat(lines).as(start).anyMatch(line -> line.startsWith(start));
        }
    }

    /// `name{labels} value`, and remarks: what a scraper can read.
    @Test
    void areInTheFormatOfPrometheus() throws Exception {
        assertThat(lines())
                .allMatch(line ->
                        line.matches("# (HELP|TYPE) [a-z0-9_:]+ .+")
                                || line.matches(
                                        "[a-z0-9_:]+(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*})?"
                                                + " (-?[0-9.]+(E-?[0-9]+)?|NaN|[+-]Inf)"));
    }

    @Test
    void failWhenAShardFails() {
        shards.next = CompletableFuture.failedFuture(new IllegalStateException("stopped"));

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> metrics.scrape().get())
                .withMessageContaining("stopped");
    }

    private List<String> lines() throws Exception {
        return metrics.scrape().get().lines().toList();
    }

    private static CompletableFuture<List<ShardReading>> sessions(long count) {
        return CompletableFuture.completedFuture(
                List.of(
                        new ShardReading(
                                count,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                QueueReading.NONE,
                                TopicReading.NONE,
                                Map.of(),
                                Map.of())));
    }

    /// Answers what it was told to.
    private static final class Shards implements Readings {
        CompletableFuture<List<ShardReading>> next = CompletableFuture.completedFuture(List.of());

        @Override
        public CompletionStage<List<ShardReading>> shards() {
            return next;
        }

        @Override
        public Map<String, Long> connections() {
            return Map.of("http", 3L, "stomp", 0L);
        }

        @Override
        public long http2WebSockets() {
            return 7;
        }
    }
}
