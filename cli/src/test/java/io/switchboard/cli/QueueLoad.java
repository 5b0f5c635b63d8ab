package io.switchboard.cli;

import io.switchboard.cli.RawStomp.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/// Clients of queues that work until the server is gone: producers with and without transactions,
/// consumers that acknowledge, and consumers that acknowledge and answer in one transaction.
final class QueueLoad implements CrashTest.Load {
    private static final int QUEUES = 3;
    private static final int TRANSACTION = 3;
    private static final String BODY = " " + "x".repeat(200);

    /// The last message of a queue. It was never said to the ledger.
    private static final String LAST = "last";

    private final QueueLedger ledger = new QueueLedger();
    private final Semaphore receipts;

    /// Through all lives of the server, so that no name is used twice.
    private final AtomicLong names = new AtomicLong();

    QueueLoad(Semaphore receipts) {
        this.receipts = receipts;
    }

    @Override
    public List<AutoCloseable> begin(int port) throws IOException {
        List<AutoCloseable> clients = new ArrayList<>();
        for (String queue : queues()) {
            clients.add(new Consumer(port, queue));
        }
        clients.add(new Consumer(port, "/queue/answers"));
        clients.add(new Producer(port, receipts, this::one));
        clients.add(new Producer(port, receipts, this::several));
        return clients;
    }

    /// Queues are first in, first out, so the last message comes after all others; and the last
    /// answer is only sent when all questions have theirs.
    @Override
    public void drain(int port) throws Exception {
        for (String queue : queues()) {
            drain(port, queue);
        }
        drain(port, "/queue/answers");
    }

    private void drain(int port, String queue) throws Exception {
        Consumer consumer = new Consumer(port, queue);
        try (RawStomp stomp = consumer.stomp) {
            stomp.say("SEND\ndestination:" + queue + "\n\n" + LAST);
            CrashTest.await(consumer.empty);
        }
    }

    @Override
    public List<String> broken() {
        return ledger.broken();
    }

    @Override
    public String promised() {
        return ledger.size() + " messages of queues and " + ledger.settledCount() + " ACKs";
    }

    private static List<String> queues() {
        List<String> queues = new ArrayList<>();
        for (int i = 0; i < QUEUES; i++) {
            queues.add("/queue/work" + i);
        }
        queues.add("/queue/questions");
        return queues;
    }

    private Producer.Step one(String receipt) {
        String name = "m" + names.incrementAndGet();
        return new Producer.Step(
                List.of(
                        "SEND\ndestination:"
                                + queue()
                                + "\nreceipt:"
                                + receipt
                                + "\n\n"
                                + name
                                + BODY),
                () -> ledger.promised(List.of(name)));
    }

    private Producer.Step several(String receipt) {
        String transaction = "t" + names.incrementAndGet();
        List<String> frames = new ArrayList<>();
        List<String> members = new ArrayList<>();
        frames.add("BEGIN\ntransaction:" + transaction + "\n\n");
        for (int i = 0; i < TRANSACTION; i++) {
            String member = transaction + "-" + i;
            members.add(member);
            frames.add(
                    "SEND\ndestination:"
                            + queue()
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

    private String queue() {
        return queues().get((int) (names.get() % (QUEUES + 1)));
    }

    /// Acknowledges each message; a question with an answer in one transaction.
    private final class Consumer implements AutoCloseable {
        private final boolean answering;
        private final Map<String, String> underWay = new ConcurrentHashMap<>();
        private final RawStomp stomp;

        /// The last message has come, and everything is settled.
        private final CompletableFuture<Void> empty = new CompletableFuture<>();

        private boolean last;

        Consumer(int port, String queue) throws IOException {
            answering = queue.equals("/queue/questions");
            stomp = new RawStomp(port, this::on);
            stomp.say(
                    "SUBSCRIBE\nid:1\nack:client-individual\nprefetch-count:50\ndestination:"
                            + queue
                            + "\n\n");
        }

        private void on(Frame frame) {
            switch (frame.command()) {
                case "MESSAGE" -> take(frame);
                case "RECEIPT" -> {
                    String name = underWay.remove(frame.header("receipt-id"));
                    if (!name.equals(LAST)) {
                        ledger.settled(name);
                        receipts.release();
                    }
                    if (last && underWay.isEmpty()) {
                        empty.complete(null);
                    }
                }
                default -> {}
            }
        }

        private void take(Frame frame) {
            String name = frame.body().split(" ", 2)[0];
            String receipt = "a" + names.incrementAndGet();
            underWay.put(receipt, name);
            if (name.equals(LAST)) {
                last = true;
                acknowledge(frame, receipt);
                return;
            }
            ledger.came(name);
            if (answering) {
                answer(name, receipt, frame.header("ack"));
            } else {
                acknowledge(frame, receipt);
            }
        }

        private void acknowledge(Frame frame, String receipt) {
            stomp.say("ACK\nid:" + frame.header("ack") + "\nreceipt:" + receipt + "\n\n");
        }

        private void answer(String name, String receipt, String ack) {
            String answer = "answer-" + receipt;
            ledger.answered(name, answer);
            stomp.say("BEGIN\ntransaction:" + receipt + "\n\n");
            stomp.say("ACK\nid:" + ack + "\ntransaction:" + receipt + "\n\n");
            stomp.say(
                    "SEND\ndestination:/queue/answers\ntransaction:"
                            + receipt
                            + "\n\n"
                            + answer
                            + BODY);
            stomp.say("COMMIT\ntransaction:" + receipt + "\nreceipt:" + receipt + "\n\n");
        }

        @Override
        public void close() throws InterruptedException {
            stomp.awaitEnd();
        }
    }
}
