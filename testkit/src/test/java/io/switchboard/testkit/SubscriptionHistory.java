package io.switchboard.testkit;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.AckMode;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Counters;
import io.switchboard.broker.QueueLimits;
import io.switchboard.broker.Settlement;
import io.switchboard.testkit.SubscriptionChecker.Sent;
import io.switchboard.testkit.SubscriptionChecker.Slot;
import io.switchboard.testkit.SubscriptionChecker.Wish;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// One random history of durable subscriptions: clients subscribe under their client-ids, to topics
/// and patterns, acknowledge some of what comes, go away, come back on another shard or take over
/// from a connection that is still there, change what a subscription is for, and end it; others
/// publish meanwhile, alone, in transactions, and again with a dedup id; the journal answers late,
/// out of step and with failures; the server is killed at any step, and begins again with another
/// number of shards. A [SubscriptionChecker] holds the promises. At the end everybody comes back
/// once more and takes what there is, and then nothing may be left.
final class SubscriptionHistory {
    private static final List<String> TOPICS = List.of("/topic/a", "/topic/b", "/topic/kept/a");
    private static final List<Wish> WISHES =
            List.of(
                    new Wish("/topic/a", false),
                    new Wish("/topic/a", true),
                    new Wish("/topic/kept/a", false),
                    new Wish("/topic/*", false),
                    new Wish("/topic/**", true),
                    new Wish("/topic/**", false));
    private static final String DEAD_LETTERS = "/queue/dead-letters";
    private static final int LENGTH_FEW = 4;

    /// Bytes: room for some of what waits, and for all of it.
    private static final int LITTLE = 1_000;

    private static final int MUCH = 100_000;
    private static final int PREFETCH_MAX = 100;
    private static final long SECOND = 1_000_000_000;

    private final SplittableRandom random;
    private final Faults faults;
    private final VirtualClock clock = new VirtualClock();
    private final SimulatedDisk disk;
    private final SplittableRandom epochs;
    private final SubscriptionChecker checker;
    private final int window;
    private final List<Slot> slots =
            List.of(
                    new Slot("alice", "laptop", "news"),
                    new Slot("alice", "laptop", "all"),
                    new Slot("alice", "phone", "news"),
                    new Slot("bob", "laptop", "news"));

    /// Those who publish alone, and those with a client-id.
    private final List<SubscriptionClient> clients = new ArrayList<>();

    /// What may be sent again.
    private final List<Sent> repeatable = new ArrayList<>();

    private final List<Life> lives = new ArrayList<>();
    private Terms terms;
    private Life life;
    private int connections;
    private long takenOver;
    private long crashes;

    /// What happened, so that a test can see that all of it does.
    record Outcome(
            long receipts,
            long heard,
            long again,
            long settled,
            long ended,
            long takenOver,
            long crashes,
            long crashed,
            long dropped,
            long storesFailed,
            long duplicates) {
        static final Outcome NONE = new Outcome(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

        Outcome plus(Outcome other) {
            return new Outcome(
                    receipts + other.receipts,
                    heard + other.heard,
                    again + other.again,
                    settled + other.settled,
                    ended + other.ended,
                    takenOver + other.takenOver,
                    crashes + other.crashes,
                    crashed + other.crashed,
                    dropped + other.dropped,
                    storesFailed + other.storesFailed,
                    duplicates + other.duplicates);
        }
    }

    /// @param trace what happens, for who wants to read it
    SubscriptionHistory(long seed, Fault fault, @Nullable List<String> trace) {
        random = new SplittableRandom(seed);
        faults = new Faults(fault, seed);
        boolean bounded = random.nextInt(4) == 0;
        SimulatedJournal.Temper temper =
                random.nextBoolean()
                        ? SimulatedJournal.Temper.RELIABLE
                        : SimulatedJournal.Temper.FAILING;
        terms =
                new Terms(
                        1 + random.nextInt(4),
                        random.nextBoolean(),
                        limits(bounded),
                        true,
                        1 << 20,
                        4,
                        1,
                        0,
                        true,
                        PREFETCH_MAX,
                        temper,
                        1);
        window = pick(60, 1_000, 1 << 16);
        disk = new SimulatedDisk(true, faults);
        checker = new SubscriptionChecker(disk, bounded, trace);
        checker.note("journal", temper);
        epochs = random.split();
        begin();
    }

    private BrokerLimits limits(boolean bounded) {
        BrokerLimits most = BrokerLimits.DEFAULT;
        QueueLimits queues = QueueLimits.DEFAULT;
        return new BrokerLimits(
                        most.subscriptionsPerSession(),
                        most.outboundBytesPerSession(),
                        most.outboundBytes(),
                        most.destinations(),
                        most.destinationLength(),
                        pick(4, 32, 4_000),
                        most.commandBytesPerShard(),
                        pick(1, 3, 100),
                        most.commandBytesPerSession())
                .withQueues(
                        new QueueLimits(
                                bounded ? pick(LITTLE, MUCH) : queues.bytes(),
                                bounded ? LENGTH_FEW : queues.length(),
                                queues.delayed(),
                                queues.transactionBytes(),
                                queues.transactionsPerSession(),
                                queues.framesPerTransaction(),
                                queues.bytesPerTransaction()));
    }

    private int pick(int... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private void begin() {
        life =
                new Life(
                        terms,
                        disk,
                        random,
                        faults,
                        clock,
                        epochs::nextLong,
                        AccessRules.localOnly());
        lives.add(life);
        // A server opens its listeners when its shards have told each other what they have found.
        for (int i = 0; i < life.shards.length; i++) {
            while (life.deliverPost(i, random)) {
                continue;
            }
        }
    }

    Outcome play(int steps) {
        int crashAt = random.nextInt(steps);
        for (int i = 0; i < steps; i++) {
            if (i == crashAt) {
                crash();
                crashAt = i + 1 + random.nextInt(steps);
            }
            step();
        }
        rest();
        life.journal.heal();
        passTime(2 * SECOND);
        settle();
        for (Slot slot : slots) {
            comeBack(slot);
        }
        checker.checkCounted(sum(Counters::durableDropped));
        end();
        return outcome();
    }

    private Outcome outcome() {
        return new Outcome(
                checker.receipts,
                checker.heard,
                checker.again,
                checker.settled,
                checker.ended,
                takenOver,
                crashes,
                Math.min(1, crashes),
                sum(Counters::durableDropped),
                storesFailed(),
                sum(Counters::duplicates));
    }

    private long storesFailed() {
        return lives.stream().mapToLong(each -> each.journal.failures()).sum();
    }

    private long sum(ToLongFunction<Counters> counter) {
        return lives.stream().mapToLong(each -> each.sum(counter)).sum();
    }

    // --- Steps ---

    private void step() {
        int dice = random.nextInt(100);
        int shard = random.nextInt(life.shards.length);
        if (dice < 35) {
            life.deliverPost(shard, random);
        } else if (dice < 47) {
            life.endTurn(shard);
        } else if (dice < 60) {
            life.journal.work();
        } else if (dice < 75) {
            act();
        } else if (dice < 94) {
            listen();
        } else if (dice < 96) {
            life.wake(shard);
        } else if (dice < 98) {
            passTime(random.nextLong(SECOND));
        } else if (random.nextInt(3) == 0) {
            rest();
        }
    }

    private void listen() {
        if (!clients.isEmpty()) {
            SubscriptionClient client = clients.get(random.nextInt(clients.size()));
            client.arrive();
            if (random.nextBoolean()) {
                client.hear();
            } else {
                client.read(1 + random.nextInt(100));
            }
        }
    }

    private void act() {
        if (clients.size() < 4 || clients.size() < 6 && random.nextInt(6) == 0) {
            clients.add(random.nextInt(3) == 0 ? publisher() : comes(anySlot()));
            return;
        }
        SubscriptionClient client = clients.get(random.nextInt(clients.size()));
        // Who waits for an answer goes more seldom, since nobody knows what became of it.
        if (client.over() || random.nextInt(client.waits() ? 60 : 15) == 0) {
            client.close();
            clients.remove(client);
            return;
        }
        if (client.clientId == null || random.nextInt(5) == 0) {
            publish(client);
        } else if (random.nextInt(3) > 0) {
            settleSome(client);
        } else {
            change(client);
        }
        if (random.nextInt(4) > 0) {
            client.arrive();
        }
    }

    private Slot anySlot() {
        return slots.get(random.nextInt(slots.size()));
    }

    private SubscriptionClient publisher() {
        return connect("carol", null);
    }

    private SubscriptionClient connect(String user, @Nullable String clientId) {
        return new SubscriptionClient(
                ++connections,
                user,
                clientId,
                life.shards[random.nextInt(life.shards.length)],
                window,
                checker,
                faults);
    }

    /// A client, most often for a subscription that it has.
    private SubscriptionClient comes(Slot slot) {
        SubscriptionClient client = connect(slot.user, slot.clientId);
        if (random.nextInt(4) > 0 && !slot.busy()) {
            subscribe(client, slot);
        }
        return client;
    }

    private void subscribe(SubscriptionClient client, Slot slot) {
        Wish wish = slot.wish();
        if (wish == null || random.nextInt(12) == 0) {
            wish = WISHES.get(random.nextInt(WISHES.size()));
        }
        AckMode ack = AckMode.values()[random.nextInt(3)];
        client.subscribe(slot, wish, ack, pick(1, 3, PREFETCH_MAX));
    }

    /// What one of its client's subscriptions is, or whether it is.
    private void change(SubscriptionClient client) {
        Slot slot = anySlot();
        boolean own = slot.user.equals(client.user) && slot.clientId.equals(client.clientId);
        if (!own || slot.busy() && random.nextInt(12) > 0) {
            return;
        }
        SubscriptionClient.Sub sub =
                client.subs.stream()
                        .filter(it -> it.slot == slot && it.active && !it.undone)
                        .findFirst()
                        .orElse(null);
        int dice = random.nextInt(12);
        if (dice == 0) {
            client.end(slot);
        } else if (sub == null) {
            subscribe(client, slot);
        } else if (dice < 4) {
            client.unsubscribe(sub);
        } else if (dice == 4) {
            subscribe(client, slot);
        }
    }

    private void settleSome(SubscriptionClient client) {
        for (SubscriptionClient.Sub sub : List.copyOf(client.subs)) {
            if (sub.held.isEmpty() || sub.undone) {
                continue;
            }
            int dice = random.nextInt(20);
            Settlement settlement =
                    dice < 14
                            ? Settlement.ACCEPT
                            : dice < 18 ? Settlement.REQUEUE : Settlement.REJECT;
            if (sub.ack == AckMode.CLIENT_INDIVIDUAL && random.nextInt(4) == 0) {
                client.commit(messages(client, random.nextInt(3)), sub, false);
            } else {
                client.settle(sub, random.nextInt(sub.held.size()), settlement);
            }
        }
    }

    // --- Messages ---

    private Sent message(SubscriptionClient client) {
        String topic = TOPICS.get(random.nextInt(TOPICS.size()));
        boolean persistent = random.nextInt(8) > 0;
        return checker.message(client, topic, random.nextBoolean(), persistent, null);
    }

    private List<Sent> messages(SubscriptionClient client, int count) {
        List<Sent> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            messages.add(message(client));
        }
        return messages;
    }

    private void publish(SubscriptionClient client) {
        int dice = random.nextInt(12);
        if (dice < 2) {
            client.commit(messages(client, 1 + random.nextInt(3)), null, random.nextInt(4) == 0);
        } else if (dice == 2) {
            sendOnce(client);
        } else {
            messages(client, 1 + random.nextInt(2)).forEach(client::send);
        }
    }

    /// With a dedup id: for the first time, or again as who does not know what became of it.
    private void sendOnce(SubscriptionClient client) {
        List<Sent> own = repeatable.stream().filter(it -> it.by.user.equals(client.user)).toList();
        if (!own.isEmpty() && random.nextInt(3) > 0) {
            client.send(own.get(random.nextInt(own.size())));
            return;
        }
        String topic = TOPICS.get(random.nextInt(TOPICS.size()));
        String id = "d" + repeatable.size();
        Sent message = checker.message(client, topic, random.nextBoolean(), true, id);
        repeatable.add(message);
        client.send(message);
    }

    // --- Time, rest and crashes ---

    private void passTime(long nanos) {
        clock.advance(nanos);
        life.wakeAll();
    }

    private void settle() {
        Life.untilNothingMoves(() -> {
            boolean moved = life.goAround(random) | life.journal.work();
            for (SubscriptionClient client : clients) {
                moved |= client.arrive() | client.hear();
            }
            return moved;
        });
    }

    /// What those asked for who have gone is over, and of two with one client-id the earlier has
    /// gone.
    private void rest() {
        settle();
        checker.rest(slots);
        for (int i = 0; i < clients.size(); i++) {
            SubscriptionClient client = clients.get(i);
            if (client.over()) {
                takenOver++;
                continue;
            }
            if (client.waits()) {
                throw new SubscriptionChecker.Broken(
                        SubscriptionChecker.Promise.ANSWERED, "client " + client.number + " waits");
            }
            for (SubscriptionClient later : clients.subList(i + 1, clients.size())) {
                if (client.clientId != null
                        && client.clientId.equals(later.clientId)
                        && client.user.equals(later.user)
                        && !later.over()) {
                    throw new SubscriptionChecker.Broken(
                            SubscriptionChecker.Promise.ONCE, "two with one client-id");
                }
            }
        }
        clients.stream().filter(SubscriptionClient::over).forEach(SubscriptionClient::close);
        clients.removeIf(SubscriptionClient::closed);
        settle();
    }

    private void crash() {
        crashes++;
        clients.forEach(SubscriptionClient::cut);
        clients.clear();
        checker.crashed(slots);
        life.journal.crash();
        terms = terms.withShards(1 + random.nextInt(4));
        begin();
    }

    // --- The end ---

    /// Its client comes back, takes all that there is, comes once more to nothing, and ends it.
    private void comeBack(Slot slot) {
        Wish wish = slot.wish();
        if (wish == null) {
            wish = WISHES.get(random.nextInt(WISHES.size()));
        }
        SubscriptionClient client = connect(slot.user, slot.clientId);
        clients.add(client);
        client.subscribe(slot, wish, AckMode.CLIENT_INDIVIDUAL, PREFETCH_MAX);
        settle();
        takeAll(client);
        checker.checkWhole(slot, client.given);
        SubscriptionClient again = connect(slot.user, slot.clientId);
        clients.add(again);
        again.subscribe(slot, wish, AckMode.AUTO, 1);
        settle();
        again.end(slot);
        settle();
        messages(again, 4).forEach(again::send);
        settle();
        again.subscribe(slot, wish, AckMode.AUTO, 1);
        settle();
        again.end(slot);
        rest();
    }

    private void takeAll(SubscriptionClient client) {
        for (boolean any = true; any; ) {
            any = false;
            for (SubscriptionClient.Sub sub : client.subs) {
                while (!sub.held.isEmpty()) {
                    client.settle(sub, 0, Settlement.ACCEPT);
                    any = true;
                }
            }
            settle();
        }
    }

    /// All go, and what was rejected is taken out.
    private void end() {
        clients.forEach(SubscriptionClient::close);
        clients.clear();
        settle();
        SubscriptionClient last = publisher();
        clients.add(last);
        last.take(DEAD_LETTERS);
        settle();
        last.close();
        settle();
        checkNothingIsLeft(storesFailed() == 0);
        // What could not be removed is cleared by the next start.
        life.journal.crash();
        begin();
        life.journal.heal();
        settle();
        checkNothingIsLeft(true);
    }

    private void checkNothingIsLeft(boolean onTheDisk) {
        List<String> left = disk.contentsOf("durable-");
        if (onTheDisk && !left.isEmpty() || life.sum(Counters::durableSubscriptions) != 0) {
            throw new SubscriptionChecker.Broken(
                    SubscriptionChecker.Promise.ENDED, "something is left: " + left);
        }
        life.checkNothingIsLeft();
    }
}
