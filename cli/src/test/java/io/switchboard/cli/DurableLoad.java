package io.switchboard.cli;

import io.switchboard.cli.RawStomp.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/// Subscriptions that outlive their connections, to the topics that [HistoryLoad] publishes to: of
/// one client that comes in each life, one that comes in every other, and one that stays away as
/// soon as it is known to be subscribed. From then on each gets all that had a receipt, and nothing
/// again whose ACK had one.
final class DurableLoad implements CrashTest.Load {
    private final Semaphore receipts;
    private final TopicLedger ledger;
    private int lives;

    private final Subscriber present =
            new Subscriber("present", HistoryLoad.KEPT.get(0), HistoryLoad.KEPT.get(0)::equals);
    private final Subscriber coming = new Subscriber("coming", "/topic/crash.*", it -> true);
    private final Subscriber absent =
            new Subscriber("absent", HistoryLoad.TOPICS.get(2), HistoryLoad.TOPICS.get(2)::equals);

    DurableLoad(Semaphore receipts, TopicLedger ledger) {
        this.receipts = receipts;
        this.ledger = ledger;
    }

    @Override
    public List<AutoCloseable> begin(int port) throws IOException {
        List<AutoCloseable> clients = new ArrayList<>();
        clients.add(present.connect(port));
        if (lives++ % 2 == 0 || coming.since < 0) {
            clients.add(coming.connect(port));
        }
        if (absent.since < 0) {
            clients.add(absent.connect(port));
        }
        return clients;
    }

    /// What is published last comes last.
    @Override
    public void drain(int port) throws Exception {
        List<Taker> takers = new ArrayList<>();
        try {
            for (Subscriber each : List.of(present, coming, absent)) {
                Taker taker = each.connect(port);
                takers.add(taker);
                CrashTest.await(taker.subscribed);
            }
            for (String topic : HistoryLoad.TOPICS) {
                takers.getFirst().stomp.say("SEND\ndestination:" + topic + "\n\n" + Taker.LAST);
            }
            for (Taker taker : takers) {
                CrashTest.await(taker.empty);
            }
        } finally {
            for (Taker taker : takers) {
                taker.stomp.close();
            }
        }
    }

    @Override
    public List<String> broken() {
        List<String> all = new ArrayList<>();
        for (Subscriber each : List.of(present, coming, absent)) {
            all.addAll(each.broken());
        }
        return all;
    }

    @Override
    public String promised() {
        return (present.settled.size() + coming.settled.size() + absent.settled.size())
                + " ACKs of durable subscriptions";
    }

    /// One subscription through all lives. Its reader's, one in each life.
    private final class Subscriber implements Taker.Ledger {
        private final String name;
        private final String destination;
        private final Predicate<String> topics;
        private final Set<String> came = new LinkedHashSet<>();
        private final Set<String> settled = new HashSet<>();
        private final List<String> broken = new ArrayList<>();

        /// What is sent in this turn or a later one it is to get; negative while it is not known to
        /// be subscribed.
        private volatile long since = -1;

        Subscriber(String name, String destination, Predicate<String> topics) {
            this.name = name;
            this.destination = destination;
            this.topics = topics;
        }

        Taker connect(int port) throws IOException {
            int lasts = (int) HistoryLoad.TOPICS.stream().filter(topics).count();
            Taker taker =
                    new Taker(
                            port,
                            receipts,
                            this,
                            lasts,
                            name,
                            "id:sub",
                            "durable:true",
                            "destination:" + destination);
            taker.subscribed.thenRun(() -> since = since < 0 ? ledger.turn() : since);
            return taker;
        }

        @Override
        public void came(String message, Frame frame) {
            ledger.came(message, frame.header("message-id"));
            came.add(message);
            if (settled.contains(message)) {
                broken.add(message + " came again after its ACK had a RECEIPT");
            }
        }

        @Override
        public void settled(String message) {
            settled.add(message);
        }

        List<String> broken() {
            List<String> all = new ArrayList<>(broken);
            if (since < 0) {
                all.add("it was never subscribed");
            } else {
                all.addAll(ledger.wrongWith(List.copyOf(came), topics, since));
            }
            return all.stream().map(it -> name + ": " + it).toList();
        }
    }
}
