package io.switchboard.testkit;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Counters;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Overflow;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Shard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// The whole broker, several shards with their clients, in one thread: a seed decides what happens
/// next, step by step, and how small the limits are. A [Checker] holds the promises after every
/// step. A seed always gives the same history, so what fails can be replayed.
///
/// In most of the histories they use queues, acknowledgements and transactions, too, and the
/// journal answers late, out of step and with failures, or there is none; some of their
/// subscriptions begin in a topic's history, which outlives the server. Where there is one the
/// server may be killed at any step, more than once, and begins a new [Life] with what the disk
/// has, with another number of shards. More than half of all histories have such a crash.
///
/// One step is one of: a post reaches its shard (in the order of its inbox, or at least of those
/// from the same shard), a shard's turn ends, a client does something or reads something, a pending
/// decision is answered, the journal stores or answers something, a transport reports its end, the
/// clock moves on. At the end everybody reads and nothing new is begun, until nothing moves: then
/// nobody may still wait and nothing may be left.
public final class Simulation {
    private static final int DEADLINES_MAX = 10_000;
    private static final long SECOND = 1_000_000_000;
    private static final int TRACE_LENGTH = 60;

    /// What stands between the clients and the shards.
    public enum Level {
        /// As little as can be: the broker's own commands, and a format of a few bytes.
        BROKER,
        /// STOMP sessions, and the bytes of real frames.
        STOMP
    }

    private final SplittableRandom random;
    private final Faults faults;
    private final Checker checker;
    private final SimulatedDisk disk;
    private final SplittableRandom epochs;
    private final VirtualClock clock = new VirtualClock();
    private final Level level;

    // Those of the present life.
    private Terms terms;
    private Life life;
    private Inboxes inboxes;
    private SimulatedJournal journal;
    private Shard[] shards;

    /// All, the present one last.
    private final List<Life> lives = new ArrayList<>();

    private final @Nullable SimulatedClient[] clients;

    /// Those that are over, and whose transports have not reported it.
    private final List<SimulatedClient> former = new ArrayList<>();

    private final List<Owed> owed = new ArrayList<>();

    private long pending;

    /// An answer that was promised.
    private record Owed(
            Consumer<AccessRules.Decision> to, AccessRules.Decision decision, boolean twice) {}

    private Simulation(Level level, long seed, Fault fault, @Nullable List<String> trace) {
        this.level = level;
        random = new SplittableRandom(seed);
        terms = Terms.of(random, fault);
        faults = new Faults(fault, seed);
        disk = new SimulatedDisk(terms.journal() != SimulatedJournal.Temper.NONE, faults);
        checker = new Checker(terms, new QueueChecker(disk, clock), clock, trace);
        epochs = random.split();
        life = new Life(terms, disk, random, faults, clock, epochs::nextLong, this::decide);
        lives.add(life);
        inboxes = life.inboxes;
        journal = life.journal;
        shards = life.shards;
        clients = new SimulatedClient[terms.clients()];
    }

    /// The server is killed, and started again with what is on the disk.
    private void crash() {
        for (SimulatedClient client : clients) {
            if (client != null) {
                client.cut();
            }
        }
        former.forEach(SimulatedClient::cut);
        Arrays.fill(clients, null);
        former.clear();
        owed.clear();
        journal.crash();
        terms = terms.withShards(1 + random.nextInt(4));
        checker.crashed(terms);
        life = new Life(terms, disk, random, faults, clock, epochs::nextLong, this::decide);
        lives.add(life);
        inboxes = life.inboxes;
        journal = life.journal;
        shards = life.shards;
    }

    /// Plays one history and checks it.
    ///
    /// @throws AssertionError if a promise was broken, with the seed and the last steps
    public static Outcome run(Level level, long seed, int steps) {
        try {
            return new Simulation(level, seed, Fault.NONE, null).play(steps);
        } catch (AssertionError | RuntimeException failure) {
            throw failure(level, seed, steps, failure);
        }
    }

    /// Plays one history with a broken port.
    ///
    /// @return what the checker says, or null if it noticed nothing
    public static @Nullable Throwable run(Level level, long seed, int steps, Fault fault) {
        try {
            new Simulation(level, seed, fault, null).play(steps);
            return null;
        } catch (AssertionError | RuntimeException failure) {
            return failure;
        }
    }

    /// The same history once more, written down.
    private static AssertionError failure(Level level, long seed, int steps, Throwable failure) {
        List<String> trace = new ArrayList<>();
        Simulation replay = new Simulation(level, seed, Fault.NONE, trace);
        try {
            replay.play(steps);
        } catch (AssertionError | RuntimeException again) {
            trace.add(String.valueOf(again.getMessage()));
        }
        List<String> last = trace.subList(Math.max(0, trace.size() - TRACE_LENGTH), trace.size());
        return new AssertionError(
                "%s simulation, seed %d (replay: -Dsimulation.seed=%d): %s%n%s%n  %s"
                        .formatted(
                                level,
                                seed,
                                seed,
                                failure,
                                replay.terms,
                                String.join(System.lineSeparator() + "  ", last)),
                failure);
    }

    private AccessRules.Decision decide(
            Principal principal,
            AccessRules.Action action,
            String destination,
            Consumer<AccessRules.Decision> answer) {
        String login = String.valueOf(principal.name());
        boolean allowed =
                Names.allowed(login, action, destination) || faults.strike(Fault.DENIAL_IGNORED);
        AccessRules.Decision decision =
                allowed
                        ? AccessRules.Decision.ALLOWED
                        : new AccessRules.Decision.Denied("not yours");
        if (random.nextInt(100) >= terms.pendingPercent()) {
            return decision;
        }
        if (!faults.strike(Fault.ANSWER_LOST)) {
            owed.add(new Owed(answer, decision, random.nextInt(8) == 0));
        }
        pending++;
        return AccessRules.Decision.PENDING;
    }

    private Outcome play(int steps) {
        for (int i = 0; i < steps; i++) {
            if (terms.crashes() > 0 && random.nextInt(steps) < terms.crashes()) {
                crash();
            }
            step();
        }
        if (terms.crashes() > 0 && random.nextBoolean()) {
            crash();
        }
        settle();
        tidy();
        checker.quiet(dropped(Overflow.DROP_OLDEST), dropped(Overflow.DROP_NEWEST));
        checkNothingWaits();
        for (SimulatedClient client : clients) {
            if (client != null && !client.over()) {
                if (random.nextBoolean()) {
                    client.leave();
                } else {
                    client.drop();
                }
            }
        }
        settle();
        if (terms.queues()) {
            empty();
        }
        checkNothingIsLeft();
        return outcome();
    }

    /// Everybody ends what was begun and acknowledges what there is.
    private void tidy() {
        journal.heal();
        if (terms.queues()) {
            // What could not be read is tried again by then.
            passTime(2 * SECOND);
            settle();
        }
        boolean any = terms.queues();
        for (int n = 0; any; n++) {
            any = false;
            for (SimulatedClient client : clients) {
                any |= client != null && client.tidy();
            }
            settle();
            if (n > DEADLINES_MAX) {
                throw new AssertionError("there is always something to acknowledge");
            }
        }
    }

    /// All have left: what is in the queues then is taken out, when all delays are over.
    private void empty() {
        passTime(20 * SECOND);
        settle();
        Set<SimulatedJournal.Place> kept = disk.contentsOfQueues();
        for (int queue = Names.TOPIC_COUNT; queue < Names.COUNT; queue++) {
            long before;
            boolean all;
            do {
                before = checker.heard();
                all = collect(queue);
            } while (!all && before < checker.heard());
        }
        checker.audit(
                sum(each -> each.sum(Counters::expired)),
                sum(each -> each.sum(Counters::rejected)),
                kept);
    }

    /// Answers false if who did it was ended, so that something may be left. The queues that dead
    /// letters come to are the last ones.
    private boolean collect(int queue) {
        SimulatedClient client = connect();
        clients[0] = client;
        settle();
        client.collect(queue);
        settle();
        if (client.over()) {
            return false;
        }
        client.leave();
        settle();
        return true;
    }

    /// Over all lives.
    private long sum(ToLongFunction<Life> counter) {
        return lives.stream().mapToLong(counter).sum();
    }

    // --- One step ---

    private void step() {
        int dice = random.nextInt(100);
        if (dice < 45 && deliverPost()
                || dice < 60 && endTurn()
                || dice % 5 == 0 && journal.work()) {
            return;
        }
        if (dice < 75) {
            act();
        } else if (dice < 92) {
            listen();
        } else if (dice < 95) {
            arrive();
        } else if (dice < 98) {
            answer();
            life.wake(random.nextInt(shards.length));
        } else if (dice < 99) {
            reportGone();
        } else {
            passTime();
        }
    }

    private boolean deliverPost() {
        int first = random.nextInt(shards.length);
        for (int i = 0; i < shards.length; i++) {
            if (deliverPost((first + i) % shards.length)) {
                return true;
            }
        }
        return false;
    }

    private boolean deliverPost(int shard) {
        return life.deliverPost(shard, random);
    }

    private boolean endTurn() {
        int first = random.nextInt(shards.length);
        for (int i = 0; i < shards.length; i++) {
            if (endTurn((first + i) % shards.length)) {
                return true;
            }
        }
        return false;
    }

    private boolean endTurn(int shard) {
        boolean ended = life.endTurn(shard);
        if (ended) {
            checkBounds(shard);
        }
        return ended;
    }

    private void act() {
        int place = random.nextInt(clients.length);
        SimulatedClient client = clients[place];
        if (client != null && client.finished()) {
            former.add(client);
            client = null;
        }
        if (client == null) {
            clients[place] = connect();
        } else {
            client.act();
        }
    }

    private SimulatedClient connect() {
        int home = random.nextInt(shards.length);
        Shard shard = shards[home];
        Line line =
                switch (level) {
                    case BROKER ->
                            new BrokerLine(shard, terms.window(), terms.queues(), faults, random);
                    case STOMP -> new StompLine(shard, terms.window(), faults, random, clock);
                };
        int login = random.nextInt(Names.LOGINS.length);
        return new SimulatedClient(checker, random, terms, login, home, line);
    }

    private void listen() {
        SimulatedClient client = clients[random.nextInt(clients.length)];
        if (client != null) {
            client.listen();
        }
    }

    private void arrive() {
        SimulatedClient client = clients[random.nextInt(clients.length)];
        if (client != null && !client.finished()) {
            client.line.arrive(random.nextBoolean());
        }
    }

    private boolean answer() {
        if (owed.isEmpty()) {
            return false;
        }
        Owed due = owed.remove(random.nextInt(owed.size()));
        due.to.accept(due.decision);
        if (due.twice) {
            due.to.accept(
                    due.decision instanceof AccessRules.Decision.Allowed
                            ? new AccessRules.Decision.Denied("too late")
                            : AccessRules.Decision.ALLOWED);
        }
        return true;
    }

    private void reportGone() {
        if (!former.isEmpty()) {
            former.remove(random.nextInt(former.size())).reportGone();
        }
    }

    /// Moves the clock, from deadline to deadline.
    private void passTime() {
        passTime(random.nextInt(4) == 0 ? random.nextLong(20 * SECOND) : random.nextLong(SECOND));
    }

    private void passTime(long nanos) {
        long until = clock.nanos() + nanos;
        int deadlines = 0;
        while (true) {
            long next = until;
            for (SimulatedClient client : clients) {
                long deadline = client == null ? Long.MAX_VALUE : client.line.deadlineNanos();
                if (deadline != Long.MAX_VALUE && deadline - next < 0) {
                    next = deadline;
                }
            }
            long wake = inboxes.wakeAt();
            if (wake != Long.MAX_VALUE) {
                long left = Math.max(0, wake - clock.epochMillis()) * 1_000_000;
                if (clock.nanos() + left - next < 0) {
                    next = clock.nanos() + left;
                }
            }
            clock.advanceTo(next);
            pass();
            if (next == until) {
                return;
            }
            if (++deadlines > DEADLINES_MAX) {
                throw new AssertionError("a deadline comes again and again");
            }
        }
    }

    private void pass() {
        for (SimulatedClient client : clients) {
            if (client != null && !client.finished()) {
                client.line.beat(client.conversation);
            }
        }
        for (SimulatedClient client : clients) {
            long deadline = client == null ? Long.MAX_VALUE : client.line.deadlineNanos();
            if (client != null && deadline != Long.MAX_VALUE && deadline - clock.nanos() <= 0) {
                client.line.onDeadline();
            }
        }
        for (int i = 0; i < shards.length; i++) {
            // Nobody is woken at the very moment.
            if (random.nextInt(3) > 0) {
                life.wake(i);
            }
            endTurn(i);
        }
        for (SimulatedClient client : clients) {
            if (client != null && !client.finished()) {
                client.line.checkBeats();
            }
        }
    }

    // --- Until nothing moves ---

    private void settle() {
        Life.untilNothingMoves(this::goAround);
    }

    private boolean goAround() {
        boolean moved = false;
        for (int i = 0; i < shards.length; i++) {
            while (deliverPost(i)) {
                moved = true;
            }
            moved |= life.wake(i) | endTurn(i);
        }
        moved |= answer() | journal.work();
        for (SimulatedClient client : clients) {
            if (client != null) {
                moved |= client.line.arrive(true) | client.hear();
                moved |= client.finished() && client.reportGone();
            }
        }
        for (SimulatedClient client : former) {
            moved |= client.reportGone();
        }
        return moved;
    }

    private Outcome outcome() {
        return new Outcome(
                checker.hash(),
                checker.sent(),
                checker.heard(),
                checker.receipts(),
                checker.connections(),
                dropped(Overflow.DROP_OLDEST) + dropped(Overflow.DROP_NEWEST),
                sum(each -> each.ended(Disconnect.SLOW_CONSUMER)),
                sum(each -> each.ended(Disconnect.OUTBOUND_MEMORY)),
                sum(each -> each.sum(Counters::waitsForCredit)),
                pending,
                sum(Life::refused),
                checker.delivered(),
                checker.redelivered(),
                checker.committed(),
                sum(each -> each.journal.failures()),
                lives.size() - 1,
                Math.min(1, lives.size() - 1),
                sum(each -> each.sum(Counters::duplicates)),
                checker.past().recovered(),
                sum(each -> each.sum(Counters::reads)));
    }

    private long dropped(Overflow overflow) {
        return sum(each -> each.dropped(overflow));
    }

    // --- What must hold of the whole ---

    private void checkBounds(int shard) {
        boolean excused = false;
        for (SimulatedClient client : clients) {
            excused |= client != null && checkBounds(client, shard);
        }
        for (SimulatedClient client : former) {
            excused |= checkBounds(client, shard);
        }
        long memory = shards[shard].counters().bytesWaiting();
        long memoryMax = terms.limits().outboundBytes() / shards.length;
        if (memory > memoryMax && !excused) {
            throw new AssertionError(
                    "expected at most " + memoryMax + " bytes in queues but was " + memory);
        }
    }

    /// Answers whether it may hold memory beyond the node's: what a session was to be told last.
    private boolean checkBounds(SimulatedClient client, int shard) {
        long waiting = client.line.bytesWaiting();
        long credit = client.conversation.credit();
        if (waiting > 2L * terms.limits().outboundBytesPerSession() + 2_000 + credit) {
            throw new AssertionError(waiting + " bytes wait for one client");
        }
        return client.shard == shard && (waiting == Line.UNKNOWN || client.line.ending());
    }

    private void checkNothingWaits() {
        if (life.slabs.live() > 0) {
            throw new AssertionError(life.slabs.live() + " slabs were never given back");
        }
        int alive = 0;
        for (SimulatedClient client : clients) {
            if (client == null || client.over()) {
                continue;
            }
            alive++;
            if (client.line.unarrived() > 0) {
                throw new AssertionError("a client is not read any more");
            }
            if (client.line.bytesWaiting() > 0 || client.line.unread() > 0) {
                throw new AssertionError("a client is not told all");
            }
        }
        long sessions = 0;
        for (Shard shard : shards) {
            sessions += shard.counters().sessions();
            if (shard.counters().commands() > 0) {
                throw new AssertionError("commands are never complete");
            }
        }
        if (terms.generous()
                && life.ended(Disconnect.SLOW_CONSUMER) + life.ended(Disconnect.OUTBOUND_MEMORY)
                        > 0) {
            throw new AssertionError("a session ended for being slow where there was room");
        }
        if (sessions != alive) {
            throw new AssertionError("expected " + alive + " sessions but was " + sessions);
        }
    }

    private void checkNothingIsLeft() {
        checkNothingWaits();
        for (SimulatedClient client : clients) {
            if (client != null && !client.finished()) {
                throw new AssertionError("a client waits for ever for the end");
            }
        }
        life.checkNothingIsLeft();
    }
}
