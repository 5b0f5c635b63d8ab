package io.switchboard.gateway;

import static io.switchboard.gateway.DialectRow.refused;
import static io.switchboard.gateway.DialectRow.taken;

import io.switchboard.broker.From;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.SubscribeOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The headers that mean something here, and those of other brokers' clients: mapped to what we
/// have where the meaning is the same, refused by name where we do not have it, never passed over
/// in silence. docs/compatibility.md shows these tables.
///
/// A header that stands in none of them is the user's own and travels on (STOMP 1.2, SEND); a
/// SUBSCRIBE's is ignored.
final class Dialect {
    private static final String OURS = "Switchboard";
    private static final String RABBIT = "RabbitMQ";
    private static final String CLASSIC = "ActiveMQ Classic";
    private static final String ARTEMIS = "Artemis";
    private static final String BOTH = CLASSIC + ", " + ARTEMIS;
    private static final String ALL = RABBIT + ", " + CLASSIC + ", " + ARTEMIS;
    private static final String NO_SCHEDULE = "a message can be delayed once, not repeated";
    private static final String NO_ARGUMENTS =
            "queues are declared by nobody: their limits and dead letters are the server's"
                    + " configuration";
    private static final String NO_STREAMS = "there are no streams";

    /// Everything that begins so and stands not in the table.
    private static final String CLASSIC_FIELDS = "activemq.";

    private Dialect() {}

    static final List<DialectRow<SendFrame>> SEND =
            List.of(
                    taken(
                            "persistent",
                            ALL,
                            "`false` opts out of durability on a durable destination",
                            (value, send) -> send.persistent = value.flag()),
                    taken(
                            "priority",
                            ALL,
                            "0 to 9, on queues: higher ones are delivered first; 4 if none is"
                                    + " given",
                            (value, send) ->
                                    send.priority = (int) value.whole(0, SendOptions.PRIORITY_MAX)),
                    taken(
                            "expires",
                            BOTH,
                            "a moment, in milliseconds since 1970; 0 for never",
                            (value, send) -> send.expires = value.whole(0, Long.MAX_VALUE)),
                    taken(
                            "ttl",
                            OURS,
                            "a span in milliseconds from the arrival; 0 for no bound",
                            (value, send) -> send.live(value.whole(0, Long.MAX_VALUE))),
                    taken(
                            "expiration",
                            RABBIT,
                            "a span in milliseconds from the arrival, as `ttl`, 1 at least: never a"
                                    + " moment",
                            (value, send) -> send.live(value.whole(1, Long.MAX_VALUE))),
                    taken(
                            "delay",
                            OURS,
                            "a span in milliseconds, on queues: delivered that much later",
                            (value, send) -> send.delay = value.whole(0, Long.MAX_VALUE)),
                    taken(
                            "AMQ_SCHEDULED_DELAY",
                            BOTH,
                            "as `delay`",
                            (value, send) -> send.scheduledDelay = value.whole(0, Long.MAX_VALUE)),
                    taken(
                            "AMQ_SCHEDULED_TIME",
                            ARTEMIS,
                            "a moment, in milliseconds since 1970: the `delay` until then",
                            (value, send) -> send.scheduledTime = value.whole(0, Long.MAX_VALUE)),
                    refused("AMQ_SCHEDULED_PERIOD", CLASSIC, NO_SCHEDULE, "0"),
                    refused("AMQ_SCHEDULED_REPEAT", CLASSIC, NO_SCHEDULE, "0"),
                    refused("AMQ_SCHEDULED_CRON", CLASSIC, NO_SCHEDULE),
                    refused("AMQ_SCHEDULER_ACTION", CLASSIC, "delayed messages cannot be managed"),
                    taken(
                            "destination-type",
                            ARTEMIS,
                            "`ANYCAST`: the plain address is a queue; `MULTICAST`: it is a topic",
                            (value, send) -> send.type = value),
                    refused(
                            "JMSXGroupID",
                            BOTH,
                            "the messages of a queue go to any of its consumers"),
                    refused("transformation", CLASSIC, "bodies are passed on as they are"),
                    taken(
                            "dedup-id",
                            OURS,
                            "1 to 128 characters: a further message with it, of the same user to"
                                    + " the same destination, is not delivered",
                            (value, send) -> send.dedupId = dedupId(value)),
                    taken(
                            "_AMQ_DUPL_ID",
                            ARTEMIS,
                            "as `dedup-id`, so each user's are its own",
                            (value, send) -> send.duplicateId = dedupId(value)),
                    taken(
                            "key",
                            OURS,
                            "what the message is a value of, 1 to 256 characters: for a slow"
                                    + " subscriber, or one with `max-rate`, a later one replaces"
                                    + " it",
                            (value, send) -> send.key = value.text(SendOptions.KEY_LENGTH_MAX)),
                    taken(
                            "removed",
                            OURS,
                            "`true`, beside `key`: the key has no value any more",
                            (value, send) -> send.removed = value.flag()),
                    taken(
                            "while-connected",
                            OURS,
                            "`true`, beside `key`, on topics with state: the value goes when this"
                                    + " connection ends, or the server",
                            (value, send) -> send.whileConnected = value.flag()));

    static final List<DialectRow<SubscribeWishes>> SUBSCRIBE =
            List.of(
                    taken(
                            "prefetch-count",
                            RABBIT,
                            "messages held unsettled at most, 1 to 65535; 0 for 65535; 100 if none"
                                    + " is given",
                            (value, wishes) -> wishes.prefetchCount = count(value)),
                    taken(
                            "activemq.prefetchSize",
                            CLASSIC,
                            "as `prefetch-count`, 1 to 65535: a count, though Artemis reads bytes",
                            (value, wishes) ->
                                    wishes.prefetchCount =
                                            (int)
                                                    value.whole(
                                                            1,
                                                            SubscribeOptions.PREFETCH_COUNT_MAX)),
                    taken(
                            "consumer-window-size",
                            ARTEMIS,
                            "bytes held unsettled at most, up to 1 MiB; 0 or 1: one message at a"
                                    + " time; -1: 1 MiB",
                            (value, wishes) ->
                                    wishes.windowBytes = value.whole(-1, Long.MAX_VALUE)),
                    taken(
                            "exclusive",
                            OURS,
                            "`true`: the only one that the queue delivers to while it lives; others"
                                    + " wait in line",
                            (value, wishes) -> wishes.exclusive = value.flag()),
                    taken(
                            "activemq.exclusive",
                            CLASSIC,
                            "as `exclusive`",
                            (value, wishes) -> wishes.exclusive = value.flag()),
                    taken(
                            "browser",
                            CLASSIC,
                            "`true`: gets what waits in the queue and consumes nothing; the last"
                                    + " MESSAGE has `browser:end`",
                            (value, wishes) -> wishes.browser = value.flag()),
                    taken(
                            "selector",
                            BOTH,
                            "a condition on headers, as JMS has it",
                            (value, wishes) -> wishes.selector = value.value()),
                    taken(
                            "subscription-type",
                            ARTEMIS,
                            "`ANYCAST`: the plain address is a queue; `MULTICAST`: it is a topic",
                            (value, wishes) -> {}),
                    taken(
                            "activemq.dispatchAsync",
                            CLASSIC,
                            "nothing: messages never wait for the connection's commands",
                            (value, wishes) -> {}),
                    taken(
                            "durable",
                            OURS + ", " + RABBIT,
                            "`true`: on a topic the subscription outlives its connection, with the"
                                    + " `id` as its name; on a queue nothing, its messages last"
                                    + " anyway",
                            (value, wishes) -> wishes.durable.durable(value)),
                    taken(
                            "persistent",
                            RABBIT,
                            "another name of `durable`",
                            (value, wishes) -> wishes.durable.durable(value)),
                    taken(
                            "auto-delete",
                            RABBIT,
                            "`false` with `durable:true`: no `client-id` is needed; otherwise only"
                                + " what is so anyway, `false` on a queue and `true` on a topic",
                            (value, wishes) -> wishes.durable.autoDelete(value)),
                    taken(
                            "activemq.subscriptionName",
                            BOTH,
                            "on a topic, as `durable:true`, with this name",
                            (value, wishes) -> wishes.durable.activeMqName(value)),
                    taken(
                            "durable-subscription-name",
                            ARTEMIS,
                            "on a topic, as `durable:true`, with this name",
                            (value, wishes) -> wishes.durable.subscriptionName(value)),
                    taken(
                            "durable-subscriber-name",
                            ARTEMIS,
                            "on a topic, as `durable:true`, with this name",
                            (value, wishes) -> wishes.durable.subscriberName(value)),
                    taken(
                            "x-queue-name",
                            RABBIT,
                            "on a topic, with `durable:true`: its name",
                            (value, wishes) -> wishes.durable.queueName(value)),
                    refused("no-local", ARTEMIS, "a client gets what it sends itself", "false"),
                    refused(
                            "activemq.noLocal",
                            BOTH,
                            "a client gets what it sends itself",
                            "false"),
                    taken(
                            "activemq.retroactive",
                            CLASSIC,
                            "`true`: as `from:start`",
                            (value, wishes) -> wishes.begin(value.flag() ? From.START : From.NOW)),
                    refused("activemq.priority", CLASSIC, "consumers take turns", "0"),
                    refused("x-priority", RABBIT, "consumers take turns", "0"),
                    taken(
                            "from",
                            OURS,
                            "where it begins: `now`; of a topic's history `start`, `last=50`,"
                                    + " `age=10m` (ms, s, m or h), `after=` and a message id",
                            (value, wishes) -> wishes.from = FromHeader.read(value)),
                    taken(
                            "max-rate",
                            OURS,
                            "messages a second at most, 1 to 1000000, on topics: of several with"
                                    + " one `key` (or without any) the latest",
                            (value, wishes) ->
                                    wishes.maxRate =
                                            (int) value.whole(1, SubscribeOptions.RATE_MAX)),
                    refused("transformation", CLASSIC, "bodies are passed on as they are"),
                    taken(
                            "x-stream-offset",
                            RABBIT,
                            "`first`: as `from:start`; `next`: as `from:now`; anything else is"
                                    + " refused",
                            (value, wishes) -> wishes.begin(FromHeader.ofStream(value))),
                    refused("x-stream-filter", RABBIT, NO_STREAMS),
                    refused("x-stream-match-unfiltered", RABBIT, NO_STREAMS, "false"),
                    refused("x-stream-max-segment-size-bytes", RABBIT, NO_STREAMS),
                    refused("x-max-age", RABBIT, NO_STREAMS),
                    refused("x-queue-type", RABBIT, "there is one kind of queue", "classic"),
                    refused("x-dead-letter-exchange", RABBIT, NO_ARGUMENTS),
                    refused("x-dead-letter-routing-key", RABBIT, NO_ARGUMENTS),
                    refused("x-max-length", RABBIT, NO_ARGUMENTS),
                    refused("x-max-length-bytes", RABBIT, NO_ARGUMENTS),
                    refused("x-overflow", RABBIT, "a full queue refuses", "reject-publish"),
                    refused("x-message-ttl", RABBIT, NO_ARGUMENTS),
                    refused("x-expires", RABBIT, NO_ARGUMENTS),
                    refused("x-max-priority", RABBIT, "priorities are 0 to 9", "9"));

    private static final Map<String, DialectRow<SendFrame>> SEND_BY_NAME = byName(SEND);
    private static final Map<String, DialectRow<SubscribeWishes>> SUBSCRIBE_BY_NAME =
            byName(SUBSCRIBE);

    private static <W> Map<String, DialectRow<W>> byName(List<DialectRow<W>> rows) {
        Map<String, DialectRow<W>> byName = new LinkedHashMap<>();
        rows.forEach(row -> byName.put(row.header(), row));
        return Map.copyOf(byName);
    }

    private static String dedupId(HeaderValue value) {
        return value.text(SendOptions.DEDUP_ID_LENGTH_MAX);
    }

    /// A prefetch count where 0 stands for no bound of its own, as with RabbitMQ.
    private static int count(HeaderValue value) {
        int count = (int) value.whole(0, SubscribeOptions.PREFETCH_COUNT_MAX);
        return count == 0 ? SubscribeOptions.PREFETCH_COUNT_MAX : count;
    }

    /// Null for a header of the user's own.
    static @Nullable DialectRow<SendFrame> ofSend(String header) {
        return SEND_BY_NAME.get(header);
    }

    /// Takes a header of a SUBSCRIBE, or refuses it.
    static void read(HeaderValue header, SubscribeWishes wishes) {
        DialectRow<SubscribeWishes> row = SUBSCRIBE_BY_NAME.get(header.name());
        if (row != null) {
            row.use().read(header, wishes);
        } else if (header.name().startsWith(CLASSIC_FIELDS)) {
            throw header.unsupported("no such field of a consumer can be set");
        }
    }
}
