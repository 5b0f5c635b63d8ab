package io.switchboard.testkit;

import io.switchboard.broker.From;
import io.switchboard.testkit.Conversation.Asked;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Holds the promises about subscriptions that begin in a topic's past. That they get each message
/// once, with the id that it always had, and in order, is checked with all others.
///
/// - Where the receipt says that nothing is missing, there is no hole: from the message after which
///   it was to begin, or from the first one that came, the subscription has had all that was sent
///   behind it and had a receipt before the SUBSCRIBE, in this life of the server or in an earlier
///   one.
/// - From its start a history that keeps all has all of them, and the receipt says so.
///
/// What was not to be stored may have gone with a life of the server.
final class PastChecker {
    private final List<Published> published;

    /// What came to a subscription first, by name.
    private final Map<Wish, List<Published>> firsts = new HashMap<>();

    private long recovered;

    PastChecker(List<Published> published) {
        this.published = published;
    }

    private static AssertionError broken(String promise) {
        return new AssertionError(promise);
    }

    /// Receipts that said that nothing is missing.
    long recovered() {
        return recovered;
    }

    /// A message of the only topic that a pattern means, which some client has had, or null.
    @Nullable Published seen(Conversation by, int pattern, SplittableRandom random) {
        if (pattern == Names.WISH_COUNT - 1 || published.isEmpty()) {
            return null;
        }
        Published found = null;
        for (int n = 0; n < 40 && found == null; n++) {
            Published any = published.get(random.nextInt(published.size()));
            found = any.seen && Names.means(by.login, pattern, any.name) ? any : null;
        }
        return found;
    }

    /// A message has come to a subscription that begins in the past.
    void checkPlace(Wish wish, Published message, long epoch, long sequence) {
        if (wish.options.from() instanceof From.After after
                && after.epoch() == epoch
                && after.sequence() >= sequence) {
            throw broken("message " + message.index + " is not after " + after);
        }
        List<Published> first = firsts.computeIfAbsent(wish, it -> new ArrayList<>(2));
        if (first.stream().noneMatch(other -> other.name == message.name)) {
            first.add(message);
        }
    }

    /// Its receipt has come, and so all of its past: null if nothing is missing, else what. A
    /// session that ends for being too slow may miss it: it hears receipts and that ERROR only.
    ///
    /// @param life of the server
    @Nullable String missing(Asked asked, int life) {
        Wish wish = asked.begun;
        if (wish == null || !wish.past()) {
            return null;
        }
        if (asked.recovered == null) {
            throw broken("a receipt does not say whether anything is missing");
        }
        if (!asked.recovered) {
            return null;
        }
        recovered++;
        for (Published message : published) {
            if (message.receiptAt < wish.madeAt
                    && Names.kept(message.name)
                    && wish.means(message.name)
                    && !wish.has(message.index)
                    && !(message.life < life && !message.options.persistent())
                    && (wish.forAll(message.name) || follows(wish, message))) {
                return "message %d of %s is not in the past of subscription %d of client %d, %s"
                        .formatted(
                                message.index,
                                Names.name(message.name),
                                wish.id,
                                wish.by.index,
                                wish.options.from());
            }
        }
        return null;
    }

    /// Whether it is certain that its place is behind where the subscription begins.
    private boolean follows(Wish wish, Published message) {
        Published begin = wish.after != null ? wish.after : first(wish, message.name);
        return begin != null
                && (message.seen
                        ? message.epoch == begin.epoch && message.sequence > begin.sequence
                        : message.madeAt > begin.seenAt);
    }

    private @Nullable Published first(Wish wish, int name) {
        for (Published first : firsts.getOrDefault(wish, List.of())) {
            if (first.name == name) {
                return first;
            }
        }
        return null;
    }
}
