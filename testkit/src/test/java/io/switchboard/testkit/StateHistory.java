package io.switchboard.testkit;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Counters;
import io.switchboard.testkit.StateClient.Key;
import io.switchboard.testkit.StateClient.Sent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// One random history of durable topics with state: clients change the values of their keys, alone
/// and in transactions, stored and not, for a time and while they are connected; they come and go;
/// the journal answers late, out of step and with failures; the server is killed now and then, and
/// begins again with another number of shards.
///
/// - After a crash a key has what it was given last with a receipt, or something later; what was
///   written while connected is not there.
/// - Nobody sees a value that is not stored and wants to be.
/// - When nothing moves a key has what it was given last and was not refused, every subscriber
///   knows just that, and the journal has one message for each value and nothing else.
final class StateHistory {
    static final List<String> TOPICS = List.of("/topic/board/a", "/topic/board/b");
    private static final int KEYS = 5;
    private static final long SECOND = 1_000_000_000;

    private final SplittableRandom random;
    private final Faults faults;
    private final VirtualClock clock = new VirtualClock();
    private final SimulatedDisk disk;
    private final SplittableRandom epochs;
    private final Map<String, Key> keys = new TreeMap<>();
    private final List<StateClient> clients = new ArrayList<>();
    private final List<StateClient> subscribers = new ArrayList<>();
    private Terms terms;
    private Life life;

    /// What happened, so that a test can see that all of it does.
    record Outcome(long receipts, long refused, long crashes, long removedAtStart) {
        Outcome plus(Outcome other) {
            return new Outcome(
                    receipts + other.receipts,
                    refused + other.refused,
                    crashes + other.crashes,
                    removedAtStart + other.removedAtStart);
        }
    }

    private long crashes;
    private long removedAtStart;
    private long receipts;
    private long refused;

    StateHistory(long seed, Fault fault) {
        random = new SplittableRandom(seed);
        faults = new Faults(fault, seed);
        SimulatedJournal.Temper temper =
                random.nextInt(3) == 0
                        ? SimulatedJournal.Temper.RELIABLE
                        : SimulatedJournal.Temper.FAILING;
        terms =
                new Terms(
                        1 + random.nextInt(4),
                        random.nextBoolean(),
                        BrokerLimits.DEFAULT,
                        true,
                        1 << 20,
                        4,
                        1,
                        0,
                        true,
                        100,
                        temper,
                        1);
        disk = new SimulatedDisk(true, faults);
        epochs = random.split();
        for (String topic : TOPICS) {
            for (int i = 0; i < KEYS; i++) {
                keys.put(topic + ' ' + i, new Key(topic, "k" + i));
            }
        }
        begin();
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
    }

    Outcome play(int steps) {
        int crashAt = random.nextInt(2 * steps);
        for (int i = 0; i < steps; i++) {
            if (i == crashAt) {
                crash();
                crashAt = i + random.nextInt(2 * steps);
            }
            step();
        }
        life.journal.heal();
        for (int i = 0; i < 4; i++) {
            settle(true);
            passTime(10 * SECOND);
        }
        settle(true);
        checkQuiet();
        end();
        return new Outcome(receipts, refused, crashes, removedAtStart);
    }

    // --- Steps ---

    private void step() {
        int dice = random.nextInt(100);
        int shard = random.nextInt(life.shards.length);
        if (dice < 40) {
            life.deliverPost(shard, random);
        } else if (dice < 55) {
            life.endTurn(shard);
        } else if (dice < 70) {
            life.journal.work();
        } else if (dice < 90) {
            act();
        } else if (dice < 94) {
            subscribe();
        } else if (dice < 97) {
            life.wake(shard);
        } else {
            passTime(random.nextLong(2 * SECOND));
        }
    }

    private void act() {
        if (clients.size() < 3) {
            clients.add(client());
            return;
        }
        StateClient client = clients.get(random.nextInt(clients.size()));
        if (client.parked()) {
            return;
        }
        if (random.nextInt(12) == 0) {
            client.close();
            count(client);
            clients.remove(client);
            return;
        }
        List<Key> mine = new ArrayList<>();
        for (Key key : keys.values()) {
            if (key.writer == null && random.nextInt(3) == 0) {
                key.writer = client;
            }
            if (key.writer == client) {
                mine.add(key);
            }
        }
        if (!mine.isEmpty()) {
            client.send(mine, clock.epochMillis());
        }
    }

    private StateClient client() {
        return new StateClient(life.shards[random.nextInt(life.shards.length)], random, disk);
    }

    private void subscribe() {
        if (subscribers.size() > 3) {
            subscribers.remove(0).close();
        }
        StateClient subscriber = client();
        subscriber.subscribe(TOPICS.get(random.nextInt(TOPICS.size())));
        subscribers.add(subscriber);
    }

    private void passTime(long nanos) {
        clock.advance(nanos);
        life.wakeAll();
    }

    private void settle(boolean journalWorks) {
        Life.untilNothingMoves(() -> life.goAround(random) | (journalWorks && life.journal.work()));
    }

    // --- A crash ---

    private void crash() {
        crashes++;
        for (StateClient client : clients) {
            count(client);
        }
        clients.clear();
        subscribers.clear();
        life.journal.crash();
        terms = terms.withShards(1 + random.nextInt(4));
        begin();
        Map<String, Sent> found = new HashMap<>();
        TOPICS.forEach(topic -> found.putAll(read(topic)));
        keys.forEach((name, key) -> {
            Sent value = found.remove(name);
            removedAtStart += key.lastStored().connected() ? 1 : 0;
            if (!key.allowedAfterCrash(value, clock.epochMillis())) {
                throw new AssertionError("after a crash " + name + " is " + value + " of " + key);
            }
            key.beginAgain(value);
        });
        if (!found.isEmpty()) {
            throw new AssertionError("keys that nobody wrote: " + found);
        }
    }

    /// The current values, by topic and number of the key. The journal does nothing meanwhile.
    private Map<String, Sent> read(String topic) {
        StateClient reader = client();
        reader.subscribe(topic);
        settle(false);
        Map<String, Sent> values = new HashMap<>();
        reader.view().forEach((key, value) -> values.put(topic + ' ' + key.substring(1), value));
        reader.close();
        settle(false);
        return values;
    }

    // --- When nothing moves ---

    private void checkQuiet() {
        Map<String, Map<String, Sent>> tables = new HashMap<>();
        int stored = 0;
        for (String topic : TOPICS) {
            Map<String, Sent> table = read(topic);
            tables.put(topic, table);
            for (Map.Entry<String, Key> each : keys.entrySet()) {
                Key key = each.getValue();
                Sent value = table.get(each.getKey());
                if (key.topic.equals(topic) && !key.allowedAtRest(value, clients)) {
                    throw new AssertionError(each.getKey() + " is " + value + " of " + key);
                }
                stored += key.topic.equals(topic) && value != null && value.stored() ? 1 : 0;
            }
        }
        for (StateClient subscriber : subscribers) {
            Map<String, Sent> known = new HashMap<>();
            subscriber
                    .view()
                    .forEach((key, value) ->
                            known.put(subscriber.topic() + ' ' + key.substring(1), value));
            if (!known.equals(tables.get(subscriber.topic()))) {
                throw new AssertionError(
                        "a subscriber knows " + known + " of " + tables.get(subscriber.topic()));
            }
        }
        if (disk.contents().size() != stored) {
            throw new AssertionError(stored + " values and in the journal " + disk.contents());
        }
    }

    /// All keys are removed, and all go.
    private void end() {
        subscribers.forEach(StateClient::close);
        StateClient last = client();
        settle(true);
        for (Key key : keys.values()) {
            last.remove(key);
            settle(true);
        }
        clients.add(last);
        clients.forEach(StateClient::close);
        clients.forEach(this::count);
        settle(true);
        if (!disk.contents().isEmpty() || life.sum(Counters::stateBytes) != 0) {
            throw new AssertionError("something is left: " + disk.contents());
        }
        life.checkNothingIsLeft();
    }

    private void count(StateClient client) {
        receipts += client.receipts();
        refused += client.refusals();
    }
}
