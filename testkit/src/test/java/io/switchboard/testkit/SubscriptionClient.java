package io.switchboard.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.switchboard.broker.AckMode;
import io.switchboard.broker.Command;
import io.switchboard.broker.Delivered;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Handover;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Settlement;
import io.switchboard.broker.Shard;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.broker.WireForm;
import io.switchboard.testkit.SubscriptionChecker.Copy;
import io.switchboard.testkit.SubscriptionChecker.Op;
import io.switchboard.testkit.SubscriptionChecker.Promise;
import io.switchboard.testkit.SubscriptionChecker.Sent;
import io.switchboard.testkit.SubscriptionChecker.Slot;
import io.switchboard.testkit.SubscriptionChecker.Wish;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One connection of a [SubscriptionHistory]. It says what it is told to say when the broker lets
/// it, and tells the [SubscriptionChecker] what it reads.
final class SubscriptionClient implements SessionEvents {
    /// The id of a subscription of which nothing is expected.
    private static final String ANY = "any";

    final int number;
    final String user;
    final @Nullable String clientId;
    final List<Sub> subs = new ArrayList<>();

    /// What came to it.
    final Set<Integer> given = new HashSet<>();

    private final SubscriptionChecker checker;
    private final Faults faults;
    private final Shard shard;
    private final Session session;
    private final MemoryWire wire;
    private final ArrayDeque<Command> said = new ArrayDeque<>();
    private final StringBuilder socket = new StringBuilder();
    private final Map<String, Asked> asked = new HashMap<>();
    private boolean handling;

    /// The server has ended it.
    private boolean over;

    private boolean closed;
    private int count;

    /// A subscription of this connection.
    static final class Sub {
        final String id;
        final Slot slot;
        final Op op;
        final AckMode ack;
        boolean active;

        /// It is to end: what it holds goes back.
        boolean undone;

        /// It has ended: nothing comes.
        boolean gone;

        final List<Held> held = new ArrayList<>();

        private Sub(String id, Slot slot, Op op, AckMode ack) {
            this.id = id;
            this.slot = slot;
            this.op = op;
            this.ack = ack;
        }
    }

    record Held(Copy copy, String ack) {}

    /// @param done takes whether the receipt says nothing of what is missing
    /// @param lost nobody will hear what became of it
    private record Asked(Consumer<Boolean> done, Consumer<String> refused, Runnable lost) {}

    SubscriptionClient(
            int number,
            String user,
            @Nullable String clientId,
            Shard shard,
            int window,
            SubscriptionChecker checker,
            Faults faults) {
        this.number = number;
        this.user = user;
        this.clientId = clientId;
        this.shard = shard;
        this.checker = checker;
        this.faults = faults;
        wire = new MemoryWire(window);
        session = shard.open(this, new FaultyWire(wire, faults));
        say(new Command.Connect(session, Principal.of(user, true, "memory"), clientId));
    }

    boolean over() {
        return over || closed;
    }

    boolean closed() {
        return closed;
    }

    boolean waits() {
        return !asked.isEmpty() || !said.isEmpty();
    }

    // --- What it says ---

    private void say(Command command) {
        said.add(command);
    }

    /// Answers whether anything could be said.
    boolean arrive() {
        boolean any = false;
        while (!handling && !over() && !session.parked() && !said.isEmpty()) {
            handling = true;
            handle(said.remove());
            handling = false;
            any = true;
        }
        return any;
    }

    private void handle(Command command) {
        boolean ignored =
                command instanceof Command.Settle && faults.strike(Fault.ACK_IGNORED)
                        || command instanceof Command.Unsubscribe end
                                && end.durable() != null
                                && faults.strike(Fault.UNSUBSCRIBE_IGNORED);
        String receipt = command.receipt();
        if (!ignored) {
            shard.handle(command);
        } else if (receipt != null) {
            completed(receipt);
        }
    }

    private String ask(Consumer<Boolean> done, Consumer<String> refused, Runnable lost) {
        String receipt = "r" + ++count;
        asked.put(receipt, new Asked(done, refused, lost));
        return receipt;
    }

    void subscribe(Slot slot, Wish wish, AckMode ack, int prefetch) {
        Op op = checker.ask(slot, wish);
        Sub sub = new Sub("s" + ++count, slot, op, ack);
        subs.add(sub);
        SubscribeOptions options =
                SubscribeOptions.DEFAULT
                        .withAck(ack)
                        .withPrefetch(prefetch, SubscribeOptions.PREFETCH_BYTES)
                        .withDurable(slot.name);
        if (wish.red() && !faults.strike(Fault.SELECTOR_IGNORED)) {
            options = options.withSelector("color = 'red'");
        }
        String receipt =
                ask(
                        whole -> {
                            sub.active = true;
                            checker.done(slot, op, whole);
                        },
                        reason -> {
                            release(sub);
                            sub.gone = true;
                            checker.refused(slot, op, reason);
                        },
                        () -> checker.unanswered(slot, op));
        say(
                new Command.Subscribe(
                        session,
                        sub.id,
                        wish.destination(),
                        new Form(sub.id, faults),
                        options,
                        receipt));
    }

    /// What it holds goes back; the subscription stays.
    void unsubscribe(Sub sub) {
        release(sub);
        String receipt = ask(whole -> sub.gone = true, this::mayNotBe, () -> {});
        say(new Command.Unsubscribe(session, sub.id, receipt));
    }

    /// For good.
    void end(Slot slot) {
        List<Sub> those = subs.stream().filter(sub -> sub.slot == slot && !sub.gone).toList();
        those.forEach(SubscriptionClient::release);
        Op op = checker.ask(slot, null);
        String receipt =
                ask(
                        whole -> {
                            those.forEach(sub -> sub.gone = true);
                            checker.done(slot, op, whole);
                        },
                        reason -> checker.refused(slot, op, reason),
                        () -> checker.unanswered(slot, op));
        String id = those.isEmpty() ? "none" : those.getFirst().id;
        say(new Command.Unsubscribe(session, id, slot.name, receipt));
    }

    /// All that is in a queue, whatever it is.
    void take(String queue) {
        Form form = new Form(ANY, faults);
        say(new Command.Subscribe(session, ANY, queue, form, SubscribeOptions.DEFAULT, null));
    }

    private static void release(Sub sub) {
        sub.undone = true;
        for (Held held : sub.held) {
            held.copy.holder = null;
        }
        sub.held.clear();
    }

    /// An acknowledgement of what one subscription holds; of all up to it where that is its mode.
    ///
    /// @param last the index of it
    void settle(Sub sub, int last, Settlement settlement) {
        Held named = sub.held.get(last);
        List<Held> those = take(sub, last, settlement);
        String receipt =
                ask(
                        whole -> settled(those, settlement),
                        reason -> notSettled(those, settlement, reason),
                        () -> {});
        say(new Command.Settle(session, settlement, Delivered.byAck(named.ack), null, receipt));
    }

    private List<Held> take(Sub sub, int last, Settlement settlement) {
        List<Held> covered = sub.held.subList(sub.ack == AckMode.CLIENT ? 0 : last, last + 1);
        List<Held> those = List.copyOf(covered);
        covered.clear();
        for (Held held : those) {
            checker.note(settlement + " by client " + number, held.copy.message);
            held.copy.holder = null;
            held.copy.unsure += settlement == Settlement.REQUEUE ? 0 : 1;
        }
        return those;
    }

    private void settled(List<Held> those, Settlement settlement) {
        for (Held held : those) {
            checker.note("receipt for " + settlement, held.copy.message);
            if (settlement != Settlement.REQUEUE) {
                held.copy.settled = true;
                checker.settled++;
            }
        }
    }

    private void notSettled(List<Held> those, Settlement settlement, String reason) {
        checker.note("refused " + reason, settlement);
        if (reason.equals("UNKNOWN_DELIVERY")) {
            return;
        }
        mayNotBe(reason);
        if (settlement != Settlement.REQUEUE) {
            those.forEach(held -> held.copy.unsure--);
        }
    }

    private void mayNotBe(String reason) {
        boolean may = reason.startsWith("STORE_") || reason.equals("UNKNOWN_SUBSCRIPTION");
        if (!may) {
            throw new SubscriptionChecker.Broken(Promise.ANSWERED, "refused: " + reason);
        }
    }

    // --- Messages ---

    void send(Sent message) {
        checker.goes(message);
        String receipt =
                ask(
                        whole -> checker.done(message),
                        reason -> {
                            mayNotBe(reason);
                            checker.refused(message);
                        },
                        () -> {});
        say(publish(message, null, receipt));
    }

    private Command publish(Sent message, @Nullable String transaction, @Nullable String receipt) {
        SendOptions options =
                new SendOptions(message.persistent, SendOptions.PRIORITY_DEFAULT, 0, 0, 0)
                        .withDedupId(message.dedupId);
        Headers headers = Headers.of("color", message.red ? "red" : "blue");
        byte[] body = Integer.toString(message.index).getBytes(US_ASCII);
        return new Command.Publish(
                session,
                Message.of(message.topic, headers, body, true).with(options),
                transaction,
                receipt);
    }

    /// Messages, and acknowledgements of what one subscription holds, at once or not at all.
    void commit(List<Sent> messages, @Nullable Sub sub, boolean abort) {
        String transaction = "t" + ++count;
        say(new Command.Begin(session, transaction, null));
        for (Sent message : messages) {
            say(publish(message, transaction, null));
        }
        List<Held> those = sub == null || abort ? List.of() : acknowledge(sub, transaction);
        if (abort) {
            say(new Command.Abort(session, transaction, null));
            return;
        }
        messages.forEach(checker::goes);
        String receipt =
                ask(
                        whole -> {
                            messages.forEach(checker::done);
                            settled(those, Settlement.ACCEPT);
                        },
                        reason -> {
                            messages.forEach(checker::refused);
                            notSettled(those, Settlement.ACCEPT, reason);
                        },
                        () -> {});
        say(new Command.Commit(session, transaction, receipt));
    }

    private List<Held> acknowledge(Sub sub, String transaction) {
        Held named = sub.held.getFirst();
        say(
                new Command.Settle(
                        session, Settlement.ACCEPT, Delivered.byAck(named.ack), transaction, null));
        return take(sub, 0, Settlement.ACCEPT);
    }

    // --- What it hears ---

    /// @param sub the id of the subscription
    private record Form(String sub, Faults faults) implements WireForm {
        private String text(Message message, @Nullable Handover handover) {
            String ack = handover == null || handover.ack() == null ? "-" : handover.ack();
            boolean again = handover != null && handover.redelivered();
            return String.join(
                            " ",
                            "message",
                            sub,
                            message.destination(),
                            Long.toString(message.epoch()),
                            Long.toString(message.sequence()),
                            ack,
                            Boolean.toString(again && !faults.strike(Fault.COUNT_FORGOTTEN)),
                            new String(message.body(), US_ASCII))
                    + "\n";
        }

        /// One more for a fault, which may say false for true.
        @Override
        public int lengthMax(Message message, @Nullable Handover handover) {
            return text(message, handover).length() + 1;
        }

        @Override
        public void encode(Message message, @Nullable Handover handover, ByteBuffer out) {
            if (!faults.strike(Fault.DELIVERY_LOST)) {
                out.put(text(message, handover).getBytes(US_ASCII));
            }
        }
    }

    private void tell(String... words) {
        byte[] line = (String.join(" ", words) + "\n").getBytes(US_ASCII);
        session.send(line.length, out -> out.put(line));
    }

    /// Answers whether there was anything.
    boolean hear() {
        boolean any = false;
        while (!closed && read(Integer.MAX_VALUE)) {
            any = true;
        }
        return any;
    }

    /// At most so many bytes.
    boolean read(int max) {
        boolean full = !wire.writable();
        int length = wire.read(max, bytes -> socket.append(US_ASCII.decode(bytes)));
        if (full && wire.writable() && !over()) {
            session.writable();
        }
        int end = socket.indexOf("\n");
        while (end >= 0) {
            String line = socket.substring(0, end);
            socket.delete(0, end + 1);
            heard(line.split(" "));
            end = socket.indexOf("\n");
        }
        return length > 0;
    }

    private void heard(String[] words) {
        switch (words[0]) {
            case "message" -> message(words);
            case "receipt" -> {
                checker.receipts++;
                answered(words[1]).done.accept(words[2].equals("true"));
            }
            default -> answered(words[1]).refused.accept(words[2]);
        }
    }

    private Asked answered(String receipt) {
        Asked answered = asked.remove(receipt);
        if (answered == null) {
            throw new SubscriptionChecker.Broken(Promise.ANSWERED, receipt + " comes twice");
        }
        return answered;
    }

    private void message(String[] words) {
        if (words[1].equals(ANY)) {
            return;
        }
        Sub sub = subs.stream().filter(it -> it.id.equals(words[1])).findFirst().orElseThrow();
        int index = Integer.parseInt(words[7]);
        Copy copy =
                checker.heard(
                        sub,
                        index,
                        words[2],
                        Long.parseLong(words[3]),
                        Long.parseLong(words[4]),
                        Boolean.parseBoolean(words[6]),
                        over);
        given.add(index);
        if (sub.ack == AckMode.AUTO) {
            copy.unsure++;
        } else if (!sub.undone && !over()) {
            copy.holder = sub;
            sub.held.add(new Held(copy, words[5]));
        }
    }

    // --- Its end ---

    /// It goes, and has read what was written to it.
    void close() {
        if (!closed) {
            lose();
            shard.close(session);
        }
    }

    /// The server is killed.
    void cut() {
        if (!closed) {
            lose();
        }
    }

    private void lose() {
        hear();
        checker.note("gone", "client " + number);
        closed = true;
        said.clear();
        subs.forEach(SubscriptionClient::release);
        asked.values().forEach(each -> each.lost.run());
        asked.clear();
        wire.close();
        wire.abandon();
    }

    // --- What the broker tells it ---

    @Override
    public void connected() {}

    @Override
    public void completed(String receipt) {
        tell("receipt", receipt, "true");
    }

    @Override
    public void replayed(String receipt, boolean recovered) {
        boolean whole = recovered || faults.strike(Fault.HOLE_HIDDEN);
        tell("receipt", receipt, Boolean.toString(whole));
    }

    @Override
    public void refused(Refusal refusal, @Nullable String receipt, @Nullable String subscription) {
        tell("refused", String.valueOf(receipt), refusal.reason().name());
    }

    @Override
    public void left(Command.Leave command) {}

    @Override
    public void ended(Refusal why) {
        if (why.reason() != Disconnect.TAKEN_OVER || clientId == null) {
            throw new SubscriptionChecker.Broken(Promise.ANSWERED, "ended: " + why);
        }
        over = true;
        subs.forEach(SubscriptionClient::release);
    }

    @Override
    public void resumed() {
        arrive();
    }

    @Override
    public void drained() {}
}
