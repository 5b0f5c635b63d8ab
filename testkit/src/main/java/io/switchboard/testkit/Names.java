package io.switchboard.testkit;

import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.Overflow;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// The destinations of the simulation, what clients may wish for, and an obvious way to say which
/// wish means which destination. All are known by their index, so that the checker is quick.
final class Names {
    /// What is sent to, in the canonical spelling.
    private static final String[] NAMES = {
        "/topic/a",
        "/topic/old/a",
        "/topic/new/a",
        "/topic/secret/a",
        "/user/alice/topic/a",
        "/topic/a.b",
        "/topic/a/b",
        "/topic/old/b",
        "/topic/new/b",
        "/user/bob@example.com/topic/a",
        "/topic/b",
        "/topic/kept/a",
        "/topic/kept/b",
        "/queue/a",
        "/queue/b",
        "/queue/short/a",
        "/queue/twice/a",
        "/queue/late/a",
        "/queue/memory/a",
        "/queue/brief/a",
        "/queue/a-user0f1e2d3c",
        "/queue/graves",
        "/queue/dead-letters",
    };

    static final int TOPIC_COUNT = 13;

    /// The first of the topics with a history.
    static final int KEPT = 11;

    static final int COUNT = NAMES.length;
    static final int QUEUE_COUNT = COUNT - TOPIC_COUNT;

    /// What is subscribed to, as a client spells it.
    private static final String[] WISHES = {
        "/topic/a",
        "/topic/old/a",
        "/topic/new/a",
        "/topic/a.b",
        "/topic/a/b",
        "/user/topic/a",
        "/topic/old/b",
        "/topic/new/b",
        "/topic/secret/a",
        "/topic/b",
        "/topic/a",
        "/topic/old/a",
        "/topic/**",
        "/topic/*",
        "/topic/*/a",
        "/topic/old/*",
        "/topic/new/#",
        "/topic/a.>",
        "/topic/secret/*",
        "/user/topic/**",
        "/topic/kept/a",
        "/topic/kept/b",
        "/topic/kept/*",
        "/nowhere",
        "/topic/**/a",
    };

    static final int WISH_COUNT = WISHES.length - 2;

    /// Wishes from here on are refused.
    static final int BAD_WISH = WISH_COUNT;

    /// Wishes from here to the end of the good ones are for topics with a history.
    static final int KEPT_WISH = WISH_COUNT - 3;

    static final String[] LOGINS = {"alice", "bob@example.com", "carol"};

    private static final Map<String, Integer> INDEXES = new HashMap<>();
    private static final boolean[][][] MEANS =
            new boolean[LOGINS.length][WISHES.length][NAMES.length];

    static {
        for (int n = 0; n < NAMES.length; n++) {
            INDEXES.put(NAMES[n], n);
            for (int w = 0; w < WISHES.length; w++) {
                for (int l = 0; l < LOGINS.length; l++) {
                    MEANS[l][w][n] = matches(own(WISHES[w], LOGINS[l]), NAMES[n]);
                }
            }
        }
    }

    private Names() {}

    private static String own(String wish, String login) {
        return wish.startsWith("/user/") ? "/user/" + login + wish.substring(5) : wish;
    }

    /// A star is one segment, a tail all the rest. None of the names has a dot or slash in a place
    /// where this would be too simple, a user's name aside, which no wish has a star for.
    private static boolean matches(String wish, String name) {
        String regex =
                wish.replaceAll("(\\*\\*|#|>)$", "REST")
                        .replace("*", "ONE")
                        .replace(".", "[.]")
                        .replace("REST", ".+")
                        .replace("ONE", "[^/.]+");
        return name.matches(regex);
    }

    static String name(int index) {
        return NAMES[index];
    }

    /// Or -1.
    static int index(String name) {
        return INDEXES.getOrDefault(name, -1);
    }

    static String wish(int index) {
        return index < WISHES.length ? WISHES[index] : NAMES[queueOf(index)];
    }

    static boolean means(int login, int wish, int name) {
        return wish < WISHES.length ? MEANS[login][wish][name] : queueOf(wish) == name;
    }

    /// The wish for a queue.
    static int wishOf(int queue) {
        return WISHES.length + queue - TOPIC_COUNT;
    }

    static boolean wishesQueue(int wish) {
        return wish >= WISHES.length;
    }

    static int queueOf(int wish) {
        return wish - WISHES.length + TOPIC_COUNT;
    }

    static boolean isQueue(int name) {
        return name >= TOPIC_COUNT;
    }

    /// Whether it is a topic with a history.
    static boolean kept(int name) {
        return KEPT <= name && name < TOPIC_COUNT;
    }

    /// Whether all is kept that is sent in one history of the simulation.
    static boolean keptWhole(int name) {
        return name == KEPT;
    }

    static final int KEPT_COUNT = TOPIC_COUNT - KEPT;

    /// The index of one of these topics.
    static int kept(SplittableRandom random) {
        return KEPT + random.nextInt(TOPIC_COUNT - KEPT);
    }

    /// Whether the queue goes with its last subscriber.
    static boolean passing(int name) {
        return NAMES[name].contains("-user");
    }

    static Overflow overflow(int name) {
        return NAMES[name].startsWith("/topic/old/")
                ? Overflow.DROP_OLDEST
                : NAMES[name].startsWith("/topic/new/")
                        ? Overflow.DROP_NEWEST
                        : Overflow.DISCONNECT;
    }

    /// The rule of every history: what is secret is alice's, and nobody else sends to alice.
    static boolean allowed(String login, Action action, String destination) {
        return login.equals("alice")
                || !destination.startsWith("/topic/secret/")
                        && (action != Action.SEND || !destination.startsWith("/user/alice/"));
    }

    static boolean mayNotSend(int login, int name) {
        return !allowed(LOGINS[login], Action.SEND, NAMES[name]);
    }

    static boolean mayNotWish(int login, int wish) {
        return !allowed(LOGINS[login], Action.SUBSCRIBE, own(wish(wish), LOGINS[login]));
    }
}
