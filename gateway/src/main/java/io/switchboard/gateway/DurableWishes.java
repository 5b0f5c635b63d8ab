package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.DurableLimits;
import io.switchboard.stomp.StompHeaders;
import org.jspecify.annotations.Nullable;

/// What the headers of a SUBSCRIBE or UNSUBSCRIBE say of a subscription that outlives its
/// connection, collected while they are read.
///
/// - Ours: `durable:true`, and the `id` is the name.
/// - RabbitMQ: `durable:true` with `auto-delete:false`; the name may be in `x-queue-name`. Its
///   clients have no `client-id`.
/// - ActiveMQ Classic and Artemis: the name in a header of its own.
final class DurableWishes {
    private boolean durable;
    private @Nullable HeaderValue autoDelete;

    // The name, in the order in which they count.
    private @Nullable HeaderValue subscriptionName;
    private @Nullable HeaderValue subscriberName;
    private @Nullable HeaderValue activeMqName;
    private @Nullable HeaderValue queueName;

    void durable(HeaderValue value) {
        durable |= value.flag();
    }

    void autoDelete(HeaderValue value) {
        value.flag();
        autoDelete = value;
    }

    void subscriptionName(HeaderValue value) {
        subscriptionName = value;
    }

    void subscriberName(HeaderValue value) {
        subscriberName = value;
    }

    void activeMqName(HeaderValue value) {
        activeMqName = value;
    }

    void queueName(HeaderValue value) {
        queueName = value;
    }

    private @Nullable HeaderValue named() {
        if (subscriptionName != null) {
            return subscriptionName;
        }
        return subscriberName != null ? subscriberName : activeMqName;
    }

    private boolean autoDelete(boolean what) {
        return autoDelete != null && autoDelete.flag() == what;
    }

    /// The name of the subscription; null if it ends with its connection.
    ///
    /// @param id of the SUBSCRIBE, or null
    /// @param clientId whether the CONNECT had one
    @Nullable String name(boolean queue, @Nullable String id, boolean clientId) {
        HeaderValue given = named();
        if (queue) {
            return ofQueue(given);
        }
        if (!durable && given == null) {
            refuseHalf();
            return null;
        }
        if (autoDelete != null && autoDelete(true)) {
            throw autoDelete.unsupported("a durable subscription stays until it is ended");
        }
        if (!clientId && !autoDelete(false) && queueName == null) {
            throw new RefusedFrame(
                    Disconnect.MISSING_HEADER,
                    "expected the header client-id in CONNECT, for a subscription that outlives"
                            + " its connection");
        }
        return nameOr(id);
    }

    private @Nullable String ofQueue(@Nullable HeaderValue given) {
        HeaderValue name = given != null ? given : queueName;
        if (name != null) {
            throw name.unsupported("a queue keeps its messages for whoever consumes it");
        }
        if (autoDelete != null && autoDelete(true)) {
            throw autoDelete.unsupported("a queue keeps its messages without consumers");
        }
        return null;
    }

    private void refuseHalf() {
        HeaderValue half = queueName != null ? queueName : autoDelete(false) ? autoDelete : null;
        if (half != null) {
            throw half.unsupported(
                    "without durable:true a subscription of a topic ends with its connection");
        }
    }

    private String nameOr(@Nullable String id) {
        HeaderValue name = named();
        if (name == null) {
            name = queueName;
        }
        if (name == null && id == null) {
            throw new RefusedFrame(
                    Disconnect.MISSING_HEADER,
                    "expected the header id, which names a durable subscription");
        }
        HeaderValue either = name != null ? name : new HeaderValue("id", String.valueOf(id));
        return either.text(DurableLimits.NAME_LENGTH_MAX);
    }

    // --- UNSUBSCRIBE ---

    /// Of an UNSUBSCRIBE, which ends for good what it names in these headers.
    static DurableWishes ofUnsubscribe(StompHeaders headers) {
        DurableWishes wishes = new DurableWishes();
        for (int i = headers.size() - 1; i >= 0; i--) {
            HeaderValue value = new HeaderValue(headers.name(i), headers.value(i));
            switch (value.name()) {
                case "durable", "persistent" -> wishes.durable(value);
                case "durable-subscription-name" -> wishes.subscriptionName(value);
                case "durable-subscriber-name" -> wishes.subscriberName(value);
                case "activemq.subscriptionName" -> wishes.activeMqName(value);
                case "x-queue-name" -> wishes.queueName(value);
                default -> {}
            }
        }
        return wishes;
    }

    /// Whether it says which.
    boolean namesOne() {
        return named() != null || queueName != null;
    }

    /// What it ends for good; null for nothing.
    @Nullable String ended(@Nullable String id) {
        return durable || namesOne() ? nameOr(id) : null;
    }
}
