package io.switchboard.server.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/// Where the metrics come from: the running server.
public interface Readings {
    /// One reading a shard, each taken on its shard's thread.
    CompletionStage<List<ShardReading>> shards();

    /// Open connections by listener: `http`, `tls`, `stomp`, `stomp-tls`. From any thread.
    Map<String, Long> connections();

    /// WebSockets since the start that were opened on a stream of HTTP/2. From any thread.
    long http2WebSockets();
}
