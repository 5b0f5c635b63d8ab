package io.switchboard.broker;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a session is told on [#NAME]: a MESSAGE without body, whose header `event` says what it is
/// about. Made with the session's first subscription to it. Owned by the session's shard.
///
/// Like all that the server itself has to say, notices are never dropped. Dropped messages are
/// summed up by destination, and told when the client has caught up.
final class Notices {
    /// The destination, for every session its own.
    static final String NAME = "/session/events";

    /// So many destinations are told apart; what is dropped of others is told without a name.
    static final int DESTINATIONS_MAX = 64;

    private static final byte[] NOTHING = "".getBytes(StandardCharsets.US_ASCII);
    private static final String ELSEWHERE = "";

    private final Session session;
    private final List<Subscription> listeners = new ArrayList<>(1);
    private final Map<String, Long> dropped = new LinkedHashMap<>(0);
    private long sequence;

    Notices(Session session) {
        this.session = session;
    }

    void add(Subscription subscription) {
        listeners.add(subscription);
    }

    void remove(Subscription subscription) {
        listeners.remove(subscription);
    }

    void tokenExpiring(long expiresMillis, long nowMillis) {
        say(
                "token-expiring",
                "expires",
                Long.toString(expiresMillis),
                "expires-in",
                Long.toString(expiresMillis - nowMillis));
    }

    void draining() {
        say("draining");
    }

    /// @param reason in words that the client may read
    void subscriptionEnded(Subscription subscription, String destination, String reason) {
        if (subscription.id.startsWith("\0")) {
            // STOMP 1.0 without an id.
            say("subscription-ended", "of", destination, "reason", reason);
        } else {
            say("subscription-ended", "of", destination, "reason", reason, "id", subscription.id);
        }
    }

    void dropped(String destination, long count) {
        boolean known = dropped.containsKey(destination) || dropped.size() < DESTINATIONS_MAX;
        dropped.merge(known ? destination : ELSEWHERE, count, Long::sum);
    }

    /// Less waits for the client than half of what may.
    void caughtUp() {
        if (dropped.isEmpty()) {
            return;
        }
        Map<String, Long> told = new LinkedHashMap<>(dropped);
        dropped.clear();
        told.forEach((destination, count) -> {
            if (destination.equals(ELSEWHERE)) {
                say("dropped", "count", Long.toString(count));
            } else {
                say("dropped", "of", destination, "count", Long.toString(count));
            }
        });
    }

    private void say(String event, String... more) {
        if (listeners.isEmpty() || session.closed()) {
            return;
        }
        String[] headers = Arrays.copyOf(new String[] {"event", event}, 2 + more.length);
        System.arraycopy(more, 0, headers, 2, more.length);
        Message notice =
                Message.of(NAME, Headers.of(headers), NOTHING, true)
                        .at(session.number(), ++sequence);
        for (Subscription each : listeners) {
            WireForm form = each.form();
            session.send(form.lengthMax(notice, null), out -> form.encode(notice, null, out));
        }
    }
}
