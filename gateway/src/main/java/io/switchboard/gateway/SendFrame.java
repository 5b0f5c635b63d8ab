package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.Shard;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A SEND, read in one pass over its headers: what is for the broker, and what travels on to the
/// subscribers. That is of a repeated header the first, none of those that only the server may set,
/// and none that belong to the frame itself; headers that mean something here travel on too.
final class SendFrame {
    /// Null where it is missing.
    @Nullable String destination;

    @Nullable String receipt;

    /// Null where it is in none.
    @Nullable String transaction;

    /// What the destination is, where the client says so in a header.
    @Nullable HeaderValue type;

    /// Null for none.
    @Nullable String key;

    boolean removed;
    boolean whileConnected;

    boolean persistent = true;
    int priority = SendOptions.PRIORITY_DEFAULT;
    long expires;

    /// What is not given is negative.
    long delay = -1;

    long scheduledDelay = -1;
    long scheduledTime = -1;
    private long ttl;

    /// Ours, and Artemis'.
    @Nullable String dedupId;

    @Nullable String duplicateId;

    /// Names and values in turn.
    private final String[] kept;

    private int length;

    /// Where in [#kept] its value is; negative if there is none.
    private int replyTo = -1;

    private SendFrame(int headerCount) {
        kept = new String[2 * headerCount];
    }

    static SendFrame read(StompHeaders from) {
        SendFrame send = new SendFrame(from.size());
        for (int i = 0; i < from.size(); i++) {
            send.take(from.name(i), from, i);
        }
        return send;
    }

    private void take(String name, StompHeaders from, int index) {
        switch (name) {
            case "destination" ->
                    destination = destination == null ? from.value(index) : destination;
            case "receipt" -> receipt = receipt == null ? from.value(index) : receipt;
            case "transaction" ->
                    transaction = transaction == null ? from.value(index) : transaction;
            case "content-length" -> {}
            default -> {
                if (!onlyTheServerSets(name) && !holds(name)) {
                    keep(name, from.value(index));
                }
            }
        }
    }

    private void keep(String name, String value) {
        DialectRow<SendFrame> row = Dialect.ofSend(name);
        if (row != null) {
            row.use().read(new HeaderValue(name, value), this);
        }
        if (name.equals("reply-to")) {
            replyTo = length + 1;
        }
        kept[length++] = name;
        kept[length++] = value;
    }

    /// Looks at the name without what stands around its letters: stompjs trims names, so that what
    /// has a space here would be the server's own there.
    private static boolean onlyTheServerSets(String name) {
        int from = 0;
        int to = name.length();
        while (from < to && !Character.isLetterOrDigit(name.charAt(from))) {
            from++;
        }
        while (to > from && !Character.isLetterOrDigit(name.charAt(to - 1))) {
            to--;
        }
        return switch (name.substring(from, to)) {
            case "message-id",
                    "subscription",
                    "ack",
                    "redelivered",
                    "delivery-count",
                    "user-name",
                    "timestamp",
                    "snapshot",
                    "browser",
                    "dead-letter-reason",
                    "original-destination",
                    "original-delivery-count",
                    "JMSXUserID" ->
                    true;
            default -> false;
        };
    }

    private boolean holds(String name) {
        for (int i = 0; i < length; i += 2) {
            if (kept[i].equals(name)) {
                return true;
            }
        }
        return false;
    }

    /// It may live that long; of several spans the shortest counts.
    void live(long millis) {
        ttl = ttl == 0 || millis != 0 && millis < ttl ? millis : ttl;
    }

    @Nullable String replyTo() {
        return replyTo < 0 ? null : kept[replyTo];
    }

    /// Names where to answer as others know it.
    void replyTo(String name) {
        kept[replyTo] = name;
    }

    /// Copies the body: the only time on its way that it is.
    ///
    /// @param to the destination by its name here
    /// @param vouched whether the body came in WebSocket text messages, so that it is UTF-8
    /// @param shard knows what time it is
    Message message(String to, StompFrame frame, boolean vouched, Shard shard) {
        ByteBuffer view = frame.body();
        byte[] body = new byte[view.remaining()];
        view.get(view.position(), body);
        Headers headers = length == 0 ? Headers.NONE : Headers.of(Arrays.copyOf(kept, length));
        Message message = Message.of(to, headers, body, vouched || Utf8.valid(body));
        SendOptions options =
                new SendOptions(persistent, priority, expires, ttl, delayMillis(shard));
        if (key != null) {
            options = options.withKey(key, removed, whileConnected);
        } else if (removed || whileConnected) {
            throw new RefusedFrame(
                    Disconnect.BAD_HEADER,
                    "expected the header key beside "
                            + (removed ? "removed:true" : "while-connected:true"));
        }
        String id = dedupId != null ? dedupId : duplicateId;
        if (id != null) {
            options = options.withDedupId(id);
        }
        return options.equals(SendOptions.DEFAULT) ? message : message.with(options);
    }

    private long delayMillis(Shard shard) {
        if (delay >= 0) {
            return delay;
        }
        if (scheduledDelay >= 0) {
            return scheduledDelay;
        }
        return scheduledTime < 0 ? 0 : Math.max(0, scheduledTime - shard.epochMillis());
    }
}
