package io.switchboard.cli;

import io.switchboard.cli.RawStomp.Frame;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/// A producer for a queue and one for a topic, which do after each death of the server what careful
/// clients do: they send everything again, under the `dedup-id` that it had, whether or not it had
/// a receipt. It comes once.
final class DedupLoad implements CrashTest.Load {
    private static final String QUEUE = "/queue/once";
    private static final String TOPIC = "/topic/once";

    private final Semaphore receipts;
    private final AtomicLong names = new AtomicLong();
    private final Taken taken = new Taken();
    private final List<String> history = new ArrayList<>();
    private final Sender toQueue = new Sender(QUEUE);
    private final Sender toTopic = new Sender(TOPIC);

    DedupLoad(Semaphore receipts) {
        this.receipts = receipts;
    }

    @Override
    public List<AutoCloseable> begin(int port) throws IOException {
        return List.of(
                taker(port),
                new Producer(port, receipts, toQueue.again()),
                new Producer(port, receipts, toTopic.again()));
    }

    private Taker taker(int port) throws IOException {
        return new Taker(port, receipts, taken, 1, "", "id:1", "destination:" + QUEUE);
    }

    @Override
    public void drain(int port) throws Exception {
        Taker taker = taker(port);
        try (RawStomp stomp = taker.stomp) {
            stomp.say("SEND\ndestination:" + QUEUE + "\n\n" + Taker.LAST);
            CrashTest.await(taker.empty);
        }
        CompletableFuture<Void> whole = new CompletableFuture<>();
        try (RawStomp stomp = new RawStomp(port, frame -> read(frame, whole))) {
            stomp.say("SUBSCRIBE\nid:1\nreceipt:1\nfrom:start\ndestination:" + TOPIC + "\n\n");
            CrashTest.await(whole);
        }
    }

    private void read(Frame frame, CompletableFuture<Void> whole) {
        switch (frame.command()) {
            case "MESSAGE" -> history.add(frame.body());
            case "RECEIPT" -> whole.complete(null);
            default -> {}
        }
    }

    @Override
    public List<String> broken() {
        List<String> all = new ArrayList<>(taken.broken);
        toQueue.missing(taken.ids.keySet(), all);
        toTopic.missing(history, all);
        Set<String> once = new HashSet<>();
        for (String name : history) {
            if (!once.add(name)) {
                all.add(name + " is there twice");
            }
        }
        return all;
    }

    @Override
    public String promised() {
        return (toQueue.repeated + toTopic.repeated) + " messages sent again under their dedup-id";
    }

    /// What one producer sends through all lives. Its thread's and its reader's, one in each life.
    private final class Sender {
        private final String destination;
        private final Set<String> promised = ConcurrentHashMap.newKeySet();

        /// To be sent again in this life.
        private final ArrayDeque<String> again = new ArrayDeque<>();

        /// Sent again, and not answered.
        private final Set<String> unanswered = ConcurrentHashMap.newKeySet();

        /// Sent for the first time in this life.
        private final Queue<String> first = new ConcurrentLinkedQueue<>();

        private volatile int repeated;

        Sender(String destination) {
            this.destination = destination;
        }

        /// In the next life.
        Function<String, Producer.Step> again() {
            again.addAll(unanswered);
            again.addAll(first);
            unanswered.clear();
            first.clear();
            return this::next;
        }

        private Producer.Step next(String receipt) {
            String earlier = again.poll();
            String name = earlier == null ? "d" + names.incrementAndGet() : earlier;
            (earlier == null ? first : unanswered).add(name);
            String frame =
                    "SEND\ndestination:"
                            + destination
                            + "\ndedup-id:"
                            + name
                            + "\nreceipt:"
                            + receipt
                            + "\n\n"
                            + name;
            return new Producer.Step(List.of(frame), () -> answered(name));
        }

        private void answered(String name) {
            promised.add(name);
            if (unanswered.remove(name)) {
                repeated++;
            }
        }

        void missing(Collection<String> came, List<String> broken) {
            Set<String> there = new HashSet<>(came);
            for (String name : promised) {
                if (!there.contains(name)) {
                    broken.add(name + " had a RECEIPT and never came");
                }
            }
        }
    }

    /// What came from the queue. A message keeps its id when it comes again because it was not
    /// acknowledged; one that was taken twice has two.
    private static final class Taken implements Taker.Ledger {
        private final Map<String, String> ids = new HashMap<>();
        private final Set<String> settled = new HashSet<>();
        private final List<String> broken = new ArrayList<>();

        @Override
        public void came(String name, Frame message) {
            String id = message.header("message-id");
            String before = ids.putIfAbsent(name, id);
            if (before != null && !before.equals(id)) {
                broken.add(name + " was taken twice, as " + before + " and " + id);
            }
            if (settled.contains(name)) {
                broken.add(name + " came again after its ACK had a RECEIPT");
            }
        }

        @Override
        public void settled(String name) {
            settled.add(name);
        }
    }
}
