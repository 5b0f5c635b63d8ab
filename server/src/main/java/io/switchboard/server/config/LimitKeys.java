package io.switchboard.server.config;

import io.switchboard.server.Rate;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/// The keys below `limits`.
final class LimitKeys {
    private static final int MANY = 1_000_000_000;
    private static final long LARGE = 1L << 40;

    static final List<Setting> ALL =
            List.of(
                    Setting.limit(
                            "connections", (d, v) -> d.connections = v.countOrAuto(1, MANY, 0)),
                    Setting.limit(
                            "connections-per-address",
                            (d, v) -> d.connectionsPerAddress = v.countOrOff(MANY)),
                    Setting.limit(
                            "connections-per-user",
                            (d, v) -> d.connectionsPerUser = v.countOrOff(MANY)),
                    Setting.limit(
                            "frames-per-second",
                            (d, v) -> d.rate = d.rate.withFramesPerSecond(v.countOrOff(MANY))),
                    Setting.limit(
                            "bytes-per-second",
                            (d, v) -> d.rate = d.rate.withBytesPerSecond(v.sizeOrOff(LARGE))),
                    Setting.limit("rate-patience", (d, v) -> d.ratePatience = v.durationOrOff()),
                    Setting.limit(
                            "inbound-bytes",
                            (d, v) -> d.inboundBytes = v.sizeOrShare(LARGE, heapBytes())),
                    Setting.limit("handshakes", (d, v) -> d.handshakes = v.count(1, MANY)),
                    Setting.limit(
                            "handshakes-per-address",
                            (d, v) -> d.handshakesPerAddress = v.count(1, MANY)),
                    Setting.limit("http-head", (d, v) -> d.httpHeadBytes = v.length()),
                    Setting.limit("connect-timeout", (d, v) -> d.connectTimeout = v.duration()),
                    Setting.limit("close-timeout", (d, v) -> d.closeTimeout = v.duration()),
                    Setting.limit("ping-after", (d, v) -> d.pingAfter = v.duration()),
                    Setting.limit("shutdown-timeout", (d, v) -> d.shutdownTimeout = v.duration()),
                    Setting.limit("stomp-headers", (d, v) -> d.headerCountMax = v.count(0, MANY)),
                    Setting.limit("stomp-header-bytes", (d, v) -> d.headerBytesMax = v.length()),
                    Setting.limit("stomp-body", (d, v) -> d.bodyLengthMax = v.length()),
                    Setting.limit("before-connected", (d, v) -> d.beforeConnectedMax = v.length()),
                    Setting.limit(
                            "websocket-message", (d, v) -> d.messageLengthMax = v.size(LARGE)),
                    Setting.limit("websocket-frame", (d, v) -> d.frameLengthMax = v.size(LARGE)),
                    Setting.limit(
                            "websocket-fragments", (d, v) -> d.fragmentCountMax = v.count(1, MANY)),
                    Setting.limit(
                            "subscriptions-per-session",
                            (d, v) -> d.subscriptionsPerSession = v.count(1, MANY)),
                    Setting.limit(
                            "outbound-bytes-per-session",
                            (d, v) -> d.outboundBytesPerSession = v.length()),
                    Setting.limit(
                            "outbound-bytes",
                            (d, v) -> d.outboundBytes = v.sizeOrShare(LARGE, heapBytes())),
                    Setting.limit("destinations", (d, v) -> d.destinations = v.count(1, MANY)),
                    Setting.limit(
                            "destination-length",
                            (d, v) -> d.destinationLength = v.count(8, 65_536)),
                    Setting.limit(
                            "commands-per-shard", (d, v) -> d.commandsPerShard = v.count(1, MANY)),
                    Setting.limit(
                            "command-bytes-per-shard",
                            (d, v) -> d.commandBytesPerShard = v.size(LARGE)),
                    Setting.limit(
                            "commands-per-session",
                            (d, v) -> d.commandsPerSession = v.count(1, MANY)),
                    Setting.limit(
                            "command-bytes-per-session",
                            (d, v) -> d.commandBytesPerSession = v.size(LARGE)),
                    Setting.limit(
                            "token-notice",
                            (d, v) -> d.tokenNoticeMillis = v.durationOrOff().toMillis()),
                    Setting.limit(
                            "queue-bytes",
                            (d, v) -> d.queueBytes = v.sizeOrShare(LARGE, heapBytes())),
                    Setting.limit("queue-length", (d, v) -> d.queueLength = v.count(1, MANY)),
                    Setting.limit(
                            "delayed-messages", (d, v) -> d.delayedMessages = v.count(1, MANY)),
                    Setting.limit(
                            "transaction-bytes",
                            (d, v) -> d.transactionBytes = v.sizeOrShare(LARGE, heapBytes())),
                    Setting.limit(
                            "transactions-per-session",
                            (d, v) -> d.transactionsPerSession = v.count(1, MANY)),
                    Setting.limit(
                            "frames-per-transaction",
                            (d, v) -> d.framesPerTransaction = v.count(1, MANY)),
                    Setting.limit(
                            "bytes-per-transaction",
                            (d, v) -> d.bytesPerTransaction = v.size(LARGE)),
                    Setting.limit("dedup-window", (d, v) -> d.dedupWindow = v.duration()),
                    Setting.limit("dedup-ids", (d, v) -> d.dedupIds = v.count(1, MANY)),
                    Setting.limit(
                            "dedup-bytes",
                            (d, v) -> d.dedupBytes = v.sizeOrShare(LARGE, heapBytes())),
                    Setting.limit(
                            "history-bytes",
                            (d, v) -> d.historyBytes = v.sizeOrShare(LARGE, heapBytes())),
                    Setting.limit("state-keys", (d, v) -> d.stateKeys = v.count(1, MANY)),
                    Setting.limit(
                            "state-bytes",
                            (d, v) -> d.stateBytes = v.sizeOrShare(LARGE, heapBytes())),
                    Setting.limit(
                            "durable-subscriptions",
                            (d, v) -> d.durableSubscriptions = v.count(1, MANY)),
                    Setting.limit(
                            "durable-subscriptions-per-user",
                            (d, v) -> d.durableSubscriptionsPerUser = v.count(1, MANY)));

    /// What may be said about a role below `rates`.
    static final Map<String, BiFunction<Rate, Value, Rate>> OF_ROLE =
            Map.of(
                    "frames-per-second",
                    (rate, v) -> rate.withFramesPerSecond(v.countOrOff(MANY)),
                    "bytes-per-second",
                    (rate, v) -> rate.withBytesPerSecond(v.sizeOrOff(LARGE)));

    private LimitKeys() {}

    private static long heapBytes() {
        return Runtime.getRuntime().maxMemory();
    }
}
