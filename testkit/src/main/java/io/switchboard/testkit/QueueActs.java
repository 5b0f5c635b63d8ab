package io.switchboard.testkit;

import io.switchboard.broker.AckMode;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.Settlement;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.testkit.Conversation.Asked;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import io.switchboard.testkit.Copy.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// What one simulated client does with queues, acknowledgements and transactions.
final class QueueActs {
    private static final int[] PREFETCH_COUNTS = {1, 2, 5, 100};
    private static final long[] PREFETCH_BYTES = {1, 400, 1 << 20};

    private final Checker checker;
    private final SplittableRandom random;
    private final Terms terms;
    private final Conversation self;
    private final Line line;

    QueueActs(Checker checker, SplittableRandom random, Terms terms, Conversation self, Line line) {
        this.checker = checker;
        this.random = random;
        this.terms = terms;
        this.self = self;
        this.line = line;
    }

    void act() {
        int dice = random.nextInt(100);
        if (dice < 18) {
            subscribe();
        } else if (dice < 50) {
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                send(queue(), within(3));
            }
        } else if (dice < 80) {
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                settle();
            }
        } else if (dice < 86) {
            begin();
        } else if (dice < 90) {
            boolean kept = random.nextBoolean();
            send(kept ? Names.kept(random) : random.nextInt(terms.names()), within(1));
        } else if (dice < 97) {
            end();
        } else {
            mistake();
        }
    }

    private int queue() {
        return Names.TOPIC_COUNT + random.nextInt(random.nextInt(1, Names.QUEUE_COUNT + 1));
    }

    /// Null where nobody wants to hear of it.
    private @Nullable Asked ask() {
        return !self.soft && random.nextInt(4) == 0 ? null : checker.ask(self, null, null, null);
    }

    private static int number(@Nullable Asked asked) {
        return asked == null ? Line.NO_RECEIPT : asked.number;
    }

    /// One of the open transactions, or null.
    private @Nullable Transaction within(int oneIn) {
        int open = self.transactions.size();
        return open == 0 || random.nextInt(oneIn) > 0
                ? null
                : self.transactions.get(random.nextInt(open));
    }

    // --- Subscriptions ---

    private void subscribe() {
        subscribe(Names.wishOf(queue()), options(), taste());
    }

    void subscribe(int pattern, SubscribeOptions options, Taste taste) {
        int id = self.wishes.indexOf(null);
        if (id < 0) {
            id = self.wishes.size();
        }
        Wish wish = checker.wish(self, id, pattern, options, taste);
        Asked asked =
                !self.soft && random.nextInt(4) == 0 ? null : checker.ask(self, null, wish, null);
        SubscribeOptions selecting =
                taste.selector == null ? options : options.withSelector(taste.selector);
        line.subscribe(id, Names.wish(pattern), selecting, number(asked));
    }

    Taste taste() {
        return random.nextInt(4) > 0
                ? Taste.ALL
                : Taste.values()[random.nextInt(Taste.values().length)];
    }

    private SubscribeOptions options() {
        int dice = random.nextInt(20);
        return dice == 0
                ? prefetch(SubscribeOptions.DEFAULT).withBrowser()
                : dice == 1 ? acknowledging().withExclusive() : acknowledging();
    }

    /// In any of the modes.
    SubscribeOptions acknowledging() {
        AckMode mode = AckMode.values()[random.nextInt(3)];
        return prefetch(SubscribeOptions.DEFAULT.withAck(mode));
    }

    private SubscribeOptions prefetch(SubscribeOptions options) {
        int count = PREFETCH_COUNTS[random.nextInt(PREFETCH_COUNTS.length)];
        return options.withPrefetch(
                Math.min(count, terms.prefetchMax()),
                line.boundsBytes()
                        ? PREFETCH_BYTES[random.nextInt(PREFETCH_BYTES.length)]
                        : SubscribeOptions.PREFETCH_BYTES);
    }

    // --- Messages ---

    private void send(int name, @Nullable Transaction transaction) {
        if (transaction == null && Names.isQueue(name) && random.nextInt(6) == 0) {
            sendOnce(name);
            return;
        }
        if (Names.mayNotSend(self.login, name) && random.nextInt(20) > 0) {
            return;
        }
        int padding = random.nextInt(10) == 0 ? random.nextInt(600) : random.nextInt(30);
        send(checker.publish(self, name, padding, options(name), transaction));
    }

    private void send(Published message) {
        Asked asked =
                !self.soft && random.nextInt(4) == 0
                        ? null
                        : checker.ask(self, message, null, null);
        line.send(message, number(asked));
    }

    /// With a dedup id: for the first time, or again as who does not know what became of it.
    private void sendOnce(int name) {
        Repeated repeated = checker.queues().repeated(self, random);
        Published message;
        if (repeated.sends.isEmpty()) {
            SendOptions options = options(name).withDedupId(repeated.id);
            message = checker.publish(self, name, random.nextInt(30), options, null);
        } else {
            Published first = repeated.sends.getFirst();
            message = checker.publish(self, first.name, first.padding, first.options, null);
        }
        message.repeated = repeated;
        repeated.sends.add(message);
        send(message);
    }

    private SendOptions options(int name) {
        if (random.nextInt(3) > 0) {
            return SendOptions.DEFAULT;
        }
        boolean queue = Names.isQueue(name);
        return new SendOptions(
                random.nextInt(4) > 0,
                random.nextInt(SendOptions.PRIORITY_MAX + 1),
                0,
                queue && random.nextInt(4) == 0 ? 1 + random.nextInt(3_000) : 0,
                queue && random.nextInt(4) == 0 ? 1 + random.nextInt(3_000) : 0);
    }

    // --- Acknowledgements ---

    private List<Wish> holding() {
        List<Wish> holding = new ArrayList<>();
        for (Wish wish : self.wishes) {
            if (wish != null && wish.undoneAt == Conversation.NEVER && !wish.held.isEmpty()) {
                holding.add(wish);
            }
        }
        return holding;
    }

    private void settle() {
        List<Wish> holding = holding();
        if (!holding.isEmpty()) {
            Wish wish = holding.get(random.nextInt(holding.size()));
            int dice = random.nextInt(20);
            settle(
                    wish.held.get(random.nextInt(wish.held.size())),
                    dice < 13 || !line.nacks()
                            ? Settlement.ACCEPT
                            : dice < 18 ? Settlement.REQUEUE : Settlement.REJECT,
                    within(2));
        }
    }

    private boolean settle(
            Delivery delivery, Settlement settlement, @Nullable Transaction transaction) {
        if (promised(delivery, transaction)) {
            return false;
        }
        Asked asked = ask();
        checker.settle(delivery, settlement, transaction, asked);
        line.settle(delivery, settlement, transaction, number(asked));
        return true;
    }

    /// Whether an open transaction settles it, or another one something that this would cover.
    private static boolean promised(Delivery delivery, @Nullable Transaction transaction) {
        if (delivery.transaction != null) {
            return true;
        }
        if (delivery.wish.options.ack() == AckMode.CLIENT_INDIVIDUAL) {
            return false;
        }
        // What a COMMIT was to settle may be there again when it is refused.
        for (Transaction under : delivery.wish.committing) {
            if (under.asked != null && !under.asked.answered && !under.asked.refusedHeard) {
                return true;
            }
        }
        List<Delivery> held = delivery.wish.held;
        for (Delivery each : held.subList(0, held.indexOf(delivery))) {
            if (each.transaction != null && each.transaction != transaction) {
                return true;
            }
        }
        return false;
    }

    // --- Transactions ---

    private void begin() {
        int most = terms.limits().queues().transactionsPerSession();
        if (self.transactions.size() < most || random.nextInt(20) == 0) {
            Transaction transaction = checker.begin(self);
            Asked asked = ask();
            if (asked != null) {
                asked.begins = transaction;
            }
            line.begin(transaction, number(asked));
        }
    }

    private void end() {
        Transaction transaction = within(1);
        if (transaction == null) {
            return;
        }
        Asked asked = ask();
        if (random.nextInt(4) == 0) {
            checker.abort(transaction);
            line.abort(transaction, number(asked));
        } else {
            commit(transaction, asked);
        }
    }

    private void commit(Transaction transaction, @Nullable Asked asked) {
        checker.commit(transaction, asked);
        if (self.soft) {
            transaction.settled.forEach(each -> each.wish.committing.add(transaction));
        }
        if (asked != null) {
            asked.commits = transaction;
        }
        line.commit(transaction, number(asked));
    }

    // --- The rest ---

    /// Ends its transactions and acknowledges all that it has.
    ///
    /// @return whether there was anything
    boolean tidy() {
        boolean any = false;
        while (!self.transactions.isEmpty()) {
            commit(self.transactions.getFirst(), ask());
            any = true;
        }
        for (Wish wish : holding()) {
            for (Delivery held : List.copyOf(wish.held)) {
                if (wish.held.contains(held)) {
                    any |= settle(held, Settlement.ACCEPT, null);
                }
            }
        }
        return any;
    }

    /// Something that the server must refuse, whatever else there is.
    private void mistake() {
        if (random.nextInt(8) > 0) {
            return;
        }
        self.mistakeMade = true;
        checker.note("queue mistake", self.index, 0);
        Asked asked = checker.ask(self, null, null, null);
        asked.refused = true;
        switch (random.nextInt(3)) {
            case 0 -> line.commit(new Transaction(1_000_000, self), asked.number);
            case 1 ->
                    line.subscribe(
                            1_000_000,
                            "/queue/a",
                            SubscribeOptions.DEFAULT.withSelector("size >"),
                            asked.number);
            default ->
                    line.subscribe(1_000_000, "/queue/*", SubscribeOptions.DEFAULT, asked.number);
        }
    }
}
