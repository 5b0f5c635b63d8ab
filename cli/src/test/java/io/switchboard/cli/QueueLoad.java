package io.switchboard.cli;

import io.switchboard.cli.RawStomp.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Clients of queues that work until the server is gone: producers with and without transactions,
/// consumers that acknowledge, and consumers that acknowledge and answer in one transaction.
final class QueueLoad implements CrashTest.Load {
    private static final int QUEUES = 3;
    private static final int IN_FLIGHT = 32;
    private static final int TRANSACTION = 3;
    private static final String BODY = " " + "x".repeat(200);

    private final QueueLedger ledger;

    /// Through all lives of the server, so that no name is used twice.
    private final AtomicLong names = new AtomicLong();

    private final AtomicLong arrivals = new AtomicLong();

    QueueLoad(QueueLedger ledger) {
        this.ledger = ledger;
    }

    @Override
    public List<AutoCloseable> begin(int port) throws IOException {
        List<AutoCloseable> clients = new ArrayList<>(consumers(port));
        clients.add(new Producer(port, 1));
        clients.add(new Producer(port, TRANSACTION));
        return clients;
    }

    @Override
    public List<AutoCloseable> drain(int port) throws IOException {
        return consumers(port);
    }

    @Override
    public long arrivals() {
        return arrivals.get();
    }

    @Override
    public long receipts() {
        return ledger.size() + ledger.settledCount();
    }

    @Override
    public List<String> broken() {
        return ledger.broken();
    }

    private List<AutoCloseable> consumers(int port) throws IOException {
        List<AutoCloseable> clients = new ArrayList<>();
        for (int i = 0; i < QUEUES; i++) {
            clients.add(new Consumer(port, "/queue/work" + i, false));
        }
        clients.add(new Consumer(port, "/queue/questions", true));
        clients.add(new Consumer(port, "/queue/answers", false));
        return clients;
    }

    private static String name(Frame message) {
        return message.body().split(" ", 2)[0];
    }

    /// Sends in transactions of that size, or one by one, to queues in turn.
    private final class Producer implements AutoCloseable {
        private final int size;
        private final Semaphore free = new Semaphore(IN_FLIGHT);
        private final Map<String, List<String>> sent = new ConcurrentHashMap<>();
        private final RawStomp stomp;
        private final Thread thread;

        Producer(int port, int size) throws IOException {
            this.size = size;
            stomp =
                    new RawStomp(
                            port,
                            frame -> {
                                if (frame.command().equals("RECEIPT")) {
                                    ledger.promised(sent.remove(frame.header("receipt-id")));
                                    free.release();
                                }
                            });
            thread = Thread.ofVirtual().start(this::produce);
        }

        private void produce() {
            try {
                boolean alive = true;
                while (alive && free.tryAcquire(5, TimeUnit.SECONDS)) {
                    alive = size == 1 ? one() : several();
                }
            } catch (InterruptedException e) {
                return;
            }
        }

        private boolean one() {
            String name = "m" + names.incrementAndGet();
            sent.put(name, List.of(name));
            return stomp.say(
                    "SEND\ndestination:" + queue() + "\nreceipt:" + name + "\n\n" + name + BODY);
        }

        private boolean several() {
            String transaction = "t" + names.incrementAndGet();
            List<String> members = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                members.add(transaction + "-" + i);
            }
            sent.put(transaction, members);
            ledger.together(members);
            boolean alive = stomp.say("BEGIN\ntransaction:" + transaction + "\n\n");
            for (String member : members) {
                alive =
                        alive
                                && stomp.say(
                                        "SEND\ndestination:"
                                                + queue()
                                                + "\ntransaction:"
                                                + transaction
                                                + "\n\n"
                                                + member
                                                + BODY);
            }
            return alive
                    && stomp.say(
                            "COMMIT\ntransaction:"
                                    + transaction
                                    + "\nreceipt:"
                                    + transaction
                                    + "\n\n");
        }

        private String queue() {
            long number = names.get() % (QUEUES + 1);
            return number == QUEUES ? "/queue/questions" : "/queue/work" + number;
        }

        @Override
        public void close() throws Exception {
            thread.interrupt();
            thread.join();
            stomp.awaitEnd();
        }
    }

    /// Acknowledges each message, with an answer in one transaction where it is to answer.
    private final class Consumer implements AutoCloseable {
        private final boolean answering;
        private final Map<String, String> underWay = new ConcurrentHashMap<>();
        private final RawStomp stomp;

        Consumer(int port, String queue, boolean answering) throws IOException {
            this.answering = answering;
            stomp = new RawStomp(port, this::on);
            stomp.say(
                    "SUBSCRIBE\nid:1\nack:client-individual\nprefetch-count:50\ndestination:"
                            + queue
                            + "\n\n");
        }

        private void on(Frame frame) {
            switch (frame.command()) {
                case "MESSAGE" -> {
                    arrivals.incrementAndGet();
                    String name = name(frame);
                    ledger.came(name);
                    String receipt = "a" + names.incrementAndGet();
                    underWay.put(receipt, name);
                    if (answering) {
                        answer(name, receipt, frame.header("ack"));
                    } else {
                        stomp.say(
                                "ACK\nid:" + frame.header("ack") + "\nreceipt:" + receipt + "\n\n");
                    }
                }
                case "RECEIPT" -> ledger.settled(underWay.remove(frame.header("receipt-id")));
                case "ERROR" -> throw new AssertionError(frame.toString());
                default -> {}
            }
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
        public void close() throws Exception {
            stomp.awaitEnd();
        }
    }
}
