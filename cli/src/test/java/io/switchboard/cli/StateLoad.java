package io.switchboard.cli;

import io.switchboard.cli.RawStomp.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/// Producers that change the values of a durable topic's keys, remove them, and write some while
/// they are connected; one of them several keys in each transaction. In the next life a key has
/// what it was given last with a receipt, or something later; what was written while connected is
/// not there.
final class StateLoad implements CrashTest.Load {
    static final String POLICIES =
            """
              /topic/board:
                durable: on
                state: on
            """;

    private static final String TOPIC = "/topic/board";

    /// More than are under way, so that a key's last receipt says what it has.
    private static final int KEYS = 40;

    /// Most that are under way are none.
    private static final int REMOVED_ONE_IN = 50;

    private static final int TOGETHER = 3;
    private static final String NONE = "";

    private final Semaphore receipts;
    private final List<String> broken = new ArrayList<>();
    private final Map<String, Key> keys = new TreeMap<>();
    private long number;
    private long promised;

    /// What a key may have after this life, by what was sent for it; the first is what it had
    /// before. Guarded by the load.
    private static final class Key {
        private final List<String> sent = new ArrayList<>();

        /// The last of them that had a receipt.
        private int kept;

        Key(String before) {
            sent.add(before);
        }
    }

    StateLoad(Semaphore receipts) {
        this.receipts = receipts;
    }

    @Override
    public List<AutoCloseable> begin(int port) throws Exception {
        check(port);
        return List.of(
                new Producer(port, receipts, this::one),
                new Producer(port, receipts, this::several));
    }

    @Override
    public void drain(int port) throws Exception {
        check(port);
    }

    @Override
    public synchronized List<String> broken() {
        return List.copyOf(broken);
    }

    @Override
    public synchronized String promised() {
        return promised + " changes of keys";
    }

    // --- What is sent ---

    private synchronized Producer.Step one(String receipt) {
        String key = "k" + number % KEYS;
        long kind = number / KEYS % 7;
        String wish = kind == 2 ? "removed:true\n" : kind == 5 ? "while-connected:true\n" : "";
        String body = Long.toString(++number);
        int index = sent(key, wish.isEmpty() ? body : NONE);
        return new Producer.Step(
                List.of(frame(key, wish + "receipt:" + receipt + "\n", body)),
                () -> kept(Map.of(key, index)));
    }

    private synchronized Producer.Step several(String receipt) {
        String body = Long.toString(++number);
        boolean removed = number % REMOVED_ONE_IN == 0;
        String wish = (removed ? "removed:true\n" : "") + "transaction:" + receipt + "\n";
        Map<String, Integer> indexes = new HashMap<>();
        List<String> frames = new ArrayList<>();
        frames.add("BEGIN\ntransaction:" + receipt + "\n\n");
        for (int i = 0; i < TOGETHER; i++) {
            String key = "t" + i;
            indexes.put(key, sent(key, removed ? NONE : body));
            frames.add(frame(key, wish, body));
        }
        frames.add("COMMIT\ntransaction:" + receipt + "\nreceipt:" + receipt + "\n\n");
        return new Producer.Step(frames, () -> kept(indexes));
    }

    private static String frame(String key, String headers, String body) {
        return "SEND\ndestination:" + TOPIC + "\nkey:" + key + "\n" + headers + "\n" + body;
    }

    private int sent(String key, String value) {
        List<String> sent = keys.computeIfAbsent(key, it -> new Key(NONE)).sent;
        sent.add(value);
        return sent.size() - 1;
    }

    private synchronized void kept(Map<String, Integer> indexes) {
        promised++;
        indexes.forEach((name, index) -> {
            Key key = keys.get(name);
            key.kept = Math.max(key.kept, index);
        });
    }

    // --- What is there ---

    private void check(int port) throws Exception {
        Map<String, String> found = new HashMap<>();
        CompletableFuture<Void> whole = new CompletableFuture<>();
        try (RawStomp stomp = new RawStomp(port, frame -> take(frame, found, whole))) {
            stomp.say("SUBSCRIBE\nid:1\nreceipt:1\nfrom:state\ndestination:" + TOPIC + "\n\n");
            CrashTest.await(whole);
        }
        compare(found);
    }

    private static void take(
            Frame frame, Map<String, String> found, CompletableFuture<Void> whole) {
        switch (frame.command()) {
            case "MESSAGE" -> found.put(frame.header("key"), frame.body());
            case "RECEIPT" -> whole.complete(null);
            case "ERROR" -> whole.completeExceptionally(new IOException(frame.toString()));
            default -> {}
        }
    }

    private synchronized void compare(Map<String, String> found) {
        found.keySet().forEach(key -> keys.computeIfAbsent(key, it -> new Key("not known")));
        keys.forEach((name, key) -> {
            String value = found.getOrDefault(name, NONE);
            if (!key.sent.subList(key.kept, key.sent.size()).contains(value)) {
                broken.add(
                        name
                                + " is '"
                                + value
                                + "' and should be one of "
                                + key.sent.subList(key.kept, key.sent.size()));
            }
        });
        for (int i = 1; i < TOGETHER; i++) {
            if (!found.getOrDefault("t0", NONE).equals(found.getOrDefault("t" + i, NONE))) {
                broken.add("half of a transaction: " + found);
            }
        }
        keys.replaceAll((name, key) -> new Key(found.getOrDefault(name, NONE)));
    }
}
