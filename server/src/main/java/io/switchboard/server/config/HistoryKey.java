package io.switchboard.server.config;

import io.switchboard.broker.Retention;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;

/// A key below `history` of a pattern of `destinations`: one bound of what is kept. What has no key
/// there has no bound of its own.
///
/// @param read what it makes of the bounds so far, or a [BadValue]
record HistoryKey(String key, BiFunction<Retention, Value, Retention> read) {
    private static final int MANY = 1_000_000_000;
    private static final long LARGE = 1L << 50;
    private static final Duration LONG = Duration.ofDays(365);

    static final Retention NONE = new Retention(0, 0, 0);

    static final List<HistoryKey> ALL =
            List.of(
                    new HistoryKey(
                            "messages",
                            (it, value) ->
                                    new Retention(
                                            value.count(1, MANY), it.bytesMax(), it.ageMillis())),
                    new HistoryKey(
                            "bytes",
                            (it, value) ->
                                    new Retention(
                                            it.countMax(), value.size(LARGE), it.ageMillis())),
                    new HistoryKey(
                            "age",
                            (it, value) ->
                                    new Retention(
                                            it.countMax(),
                                            it.bytesMax(),
                                            value.duration(LONG).toMillis())));
}
