package io.switchboard.cli;

import io.switchboard.cli.RawStomp.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/// Producers that publish to topics, with and without transactions, and for each topic with a
/// durable history a reader, which in each life goes on from the last message that it has seen. In
/// the end the past that each topic has must be what its reader has seen.
final class HistoryLoad implements CrashTest.Load {
    static final List<String> KEPT = List.of("/topic/crash.kept0", "/topic/crash.kept1");
    static final List<String> TOPICS = List.of(KEPT.get(0), KEPT.get(1), "/topic/crash.plain");

    static final String POLICIES =
            """
            destinations:
              /topic/crash.kept0: &kept
                durable: on
                history:
                  messages: 1000000
              /topic/crash.kept1: *kept
              /topic/once: *kept
            """
                    + StateLoad.POLICIES
                    + """
                    limits:
                      history-bytes: 100MiB
                    """;

    private static final int TRANSACTION = 3;
    private static final String BODY = " " + "x".repeat(200);

    private final Semaphore receipts;
    private final TopicLedger ledger;
    private final AtomicInteger producers = new AtomicInteger();
    private final List<Past> pasts = KEPT.stream().map(Past::new).toList();
    private final List<String> broken = new ArrayList<>();

    /// What was seen of a topic, in its order. Its reader's, one in each life.
    private record Past(String topic, List<String> names, List<String> ids) {
        Past(String topic) {
            this(topic, new ArrayList<>(), new ArrayList<>());
        }

        void add(Frame message) {
            names.add(message.body().split(" ", 2)[0]);
            ids.add(message.header("message-id"));
        }

        String from() {
            return ids.isEmpty() ? "start" : "after=" + ids.getLast();
        }
    }

    HistoryLoad(Semaphore receipts, TopicLedger ledger) {
        this.receipts = receipts;
        this.ledger = ledger;
    }

    @Override
    public List<AutoCloseable> begin(int port) throws IOException {
        List<AutoCloseable> clients = new ArrayList<>();
        for (Past past : pasts) {
            clients.add(new Reader(port, past));
        }
        clients.add(new Producer(port, receipts, new Names()::one));
        clients.add(new Producer(port, receipts, new Names()::several));
        return clients;
    }

    @Override
    public void drain(int port) throws Exception {
        for (Past past : pasts) {
            Past whole = new Past(past.topic());
            for (Past each : List.of(past, whole)) {
                Reader reader = new Reader(port, each);
                try (RawStomp stomp = reader.stomp) {
                    CrashTest.await(reader.whole);
                }
            }
            if (!whole.equals(past)) {
                broken.add("seen of " + past + " but now it is " + whole);
            }
        }
    }

    @Override
    public List<String> broken() {
        List<String> all = new ArrayList<>(broken);
        all.addAll(ledger.broken());
        for (Past past : pasts) {
            all.addAll(ledger.wrongWith(past.names(), past.topic()::equals, 0));
        }
        return all;
    }

    @Override
    public String promised() {
        return ledger.size() + " messages of topics";
    }

    /// What one producer sends.
    private final class Names {
        private final String producer = "p" + producers.incrementAndGet();
        private int number;

        private String next(String topic) {
            String name = producer + '.' + ++number;
            ledger.sending(name, topic);
            return name;
        }

        Producer.Step one(String receipt) {
            String topic = TOPICS.get(number % TOPICS.size());
            String name = next(topic);
            return new Producer.Step(
                    List.of(
                            "SEND\ndestination:"
                                    + topic
                                    + "\nreceipt:"
                                    + receipt
                                    + "\n\n"
                                    + name
                                    + BODY),
                    () -> ledger.promised(List.of(name)));
        }

        Producer.Step several(String receipt) {
            String transaction = "t" + receipt;
            List<String> frames = new ArrayList<>();
            List<String> members = new ArrayList<>();
            frames.add("BEGIN\ntransaction:" + transaction + "\n\n");
            for (int i = 0; i < TRANSACTION; i++) {
                String topic = TOPICS.get(number % TOPICS.size());
                String member = next(topic);
                members.add(member);
                frames.add(
                        "SEND\ndestination:"
                                + topic
                                + "\ntransaction:"
                                + transaction
                                + "\n\n"
                                + member
                                + BODY);
            }
            frames.add("COMMIT\ntransaction:" + transaction + "\nreceipt:" + receipt + "\n\n");
            ledger.together(members);
            return new Producer.Step(frames, () -> ledger.promised(members));
        }
    }

    private final class Reader implements AutoCloseable {
        private final Past past;
        private final RawStomp stomp;
        private final CompletableFuture<Void> whole = new CompletableFuture<>();

        Reader(int port, Past past) throws IOException {
            this.past = past;
            stomp = new RawStomp(port, this::on);
            stomp.say(
                    "SUBSCRIBE\nid:1\nreceipt:1\ndestination:"
                            + past.topic()
                            + "\nfrom:"
                            + past.from()
                            + "\n\n");
        }

        private void on(Frame frame) {
            switch (frame.command()) {
                case "MESSAGE" -> {
                    past.add(frame);
                    ledger.came(past.names().getLast(), past.ids().getLast());
                }
                case "RECEIPT" -> {
                    if (!frame.header("recovered").equals("true")) {
                        throw new AssertionError("not all of " + past.topic() + " was there");
                    }
                    whole.complete(null);
                }
                default -> {}
            }
        }

        @Override
        public void close() throws InterruptedException {
            stomp.awaitEnd();
        }
    }
}
