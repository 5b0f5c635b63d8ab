package io.switchboard.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.switchboard.broker.Command;
import io.switchboard.broker.Delivered;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Handover;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Settlement;
import io.switchboard.broker.Shard;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.broker.WireForm;
import io.switchboard.testkit.Conversation.Published;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A client that speaks the broker's commands as they are and hears a format of a few fixed bytes:
/// the least that there can be between a client and the broker.
final class BrokerLine implements Line, SessionEvents {
    private static final byte CONNECTED = 1;
    private static final byte MESSAGE = 2;
    private static final byte MESSAGE_REFORMED = 3;
    private static final byte RECEIPT = 4;
    private static final byte ERROR = 5;
    private static final byte DELIVERY = 6;
    private static final byte BROWSED = 7;
    private static final byte REFUSED = 8;
    private static final byte RECOVERED = 9;
    private static final int MESSAGE_HEAD = 1 + 4 + 4 + 8 + 8 + 2;
    private static final int DELIVERY_HEAD = MESSAGE_HEAD + 4 + 8 + 1 + 4 + 4 + 1;
    private static final List<String> REASONS = List.of("rejected", "max-deliveries", "expired");

    private final Shard shard;
    private final Session session;
    private final MemoryWire wire;
    private final Faults faults;
    private final SplittableRandom random;

    /// Said by the client and not yet received by the server.
    private final ArrayDeque<Command> said = new ArrayDeque<>();

    /// Received and not yet handled.
    private final ArrayDeque<Command> received = new ArrayDeque<>();

    private final ByteBuffer heard = ByteBuffer.allocate(1 << 13);
    private boolean handling;

    /// Whether a refusal is an answer like any other.
    private final boolean soft;

    /// As a transport does, it stops when the session is parked, and needs to be told to go on.
    private boolean reading = true;

    private boolean ended;
    private boolean gone;
    private boolean reported;
    private boolean endTold;
    private boolean reformed;

    BrokerLine(Shard shard, int window, boolean queues, Faults faults, SplittableRandom random) {
        this.shard = shard;
        this.faults = faults;
        this.random = random;
        soft = queues && random.nextBoolean();
        wire = new MemoryWire(window);
        session = shard.open(this, new FaultyWire(wire, faults));
    }

    /// @param reformed whether the form was changed on the way, which clients do not notice
    private record Form(int id, boolean reformed, Faults faults) implements WireForm {
        @Override
        public int lengthMax(Message message, @Nullable Handover handover) {
            String ack = handover == null ? null : handover.ack();
            return DELIVERY_HEAD + (ack == null ? 0 : ack.length()) + message.body().length;
        }

        @Override
        public void encode(Message message, @Nullable Handover handover, ByteBuffer out) {
            if (faults.strike(Fault.DELIVERY_LOST)) {
                return;
            }
            if (handover != null) {
                encodeHanded(message, handover, out);
                return;
            }
            byte[] body = message.body();
            out.put(reformed ? MESSAGE_REFORMED : MESSAGE);
            out.putInt(faults.strike(Fault.MISROUTED) ? id + 1 : id);
            out.putInt(Names.index(message.destination()));
            out.putLong(message.epoch()).putLong(message.sequence());
            out.putShort((short) body.length).put(body);
        }

        private void encodeHanded(Message message, Handover handover, ByteBuffer out) {
            if ("end".equals(message.headers().get("browser"))) {
                out.put(BROWSED).putInt(id);
                return;
            }
            byte[] body = message.body();
            String ack = handover.ack() == null ? "" : handover.ack();
            boolean forgotten = handover.redelivered() && faults.strike(Fault.COUNT_FORGOTTEN);
            out.put(DELIVERY);
            out.putInt(faults.strike(Fault.MISROUTED) ? id + 1 : id);
            out.putInt(Names.index(message.destination()));
            out.putLong(message.epoch()).putLong(message.sequence());
            out.putShort((short) body.length);
            out.putInt(forgotten ? 1 : handover.deliveryCount());
            out.putLong(handover.timestampMillis());
            String from = message.headers().get("original-destination");
            String deliveries = message.headers().get("original-delivery-count");
            out.put((byte) reason(message));
            out.putInt(from == null ? -1 : Names.index(from));
            out.putInt(deliveries == null ? 0 : Integer.parseInt(deliveries));
            out.put((byte) ack.length()).put(ack.getBytes(US_ASCII)).put(body);
        }

        private static int reason(Message message) {
            String reason = message.headers().get("dead-letter-reason");
            return reason == null ? -1 : REASONS.indexOf(reason);
        }
    }

    // --- What the client says ---

    @Override
    public boolean soft() {
        return soft;
    }

    @Override
    public boolean nacks() {
        return true;
    }

    @Override
    public boolean boundsBytes() {
        return true;
    }

    @Override
    public void connect(String login) {
        said.add(new Command.Connect(session, Principal.of(login, true, "memory")));
    }

    @Override
    public void subscribe(int id, String destination, SubscribeOptions asked, int receipt) {
        SubscribeOptions options = asked;
        if (asked.selector() != null && faults.strike(Fault.SELECTOR_IGNORED)) {
            options =
                    new SubscribeOptions(
                            asked.ack(),
                            asked.prefetchCount(),
                            asked.prefetchBytes(),
                            asked.exclusive(),
                            asked.browser(),
                            null);
        }
        if (faults.strike(Fault.PREFETCH_EXCEEDED)) {
            options = options.withPrefetch(options.prefetchCount() + 1, options.prefetchBytes());
        }
        Form form = new Form(id, reformed, faults);
        said.add(
                new Command.Subscribe(
                        session, Integer.toString(id), destination, form, options, text(receipt)));
    }

    @Override
    public void unsubscribe(int id, int receipt) {
        said.add(new Command.Unsubscribe(session, Integer.toString(id), text(receipt)));
    }

    @Override
    public void send(Published message, int receipt) {
        byte[] body = new byte[4 + message.padding];
        Arrays.fill(body, (byte) message.index);
        ByteBuffer.wrap(body).putInt(message.index);
        Transaction transaction = message.transaction;
        said.add(
                new Command.Publish(
                        session,
                        Message.of(Names.name(message.name), headers(message), body, true)
                                .with(message.options),
                        transaction == null ? null : transaction.id(),
                        text(receipt)));
    }

    private static Headers headers(Published message) {
        String color = Taste.color(message.index);
        String size = Integer.toString(Taste.size(message.index));
        return color == null ? Headers.of("size", size) : Headers.of("color", color, "size", size);
    }

    @Override
    public void settle(
            Copy.Delivery delivery,
            Settlement settlement,
            @Nullable Transaction transaction,
            int receipt) {
        said.add(
                new Command.Settle(
                        session,
                        settlement,
                        named(delivery),
                        transaction == null ? null : transaction.id(),
                        text(receipt)));
    }

    /// In one of the ways that the versions of STOMP have.
    private Delivered named(Copy.Delivery delivery) {
        String ack = delivery.ack;
        if (ack != null && random.nextBoolean()) {
            return Delivered.byAck(ack);
        }
        boolean anonymous = delivery.wish.queue() && random.nextBoolean();
        return Delivered.byMessage(
                delivery.messageId(), anonymous ? null : Integer.toString(delivery.wish.id));
    }

    @Override
    public void begin(Transaction transaction, int receipt) {
        said.add(new Command.Begin(session, transaction.id(), text(receipt)));
    }

    @Override
    public void commit(Transaction transaction, int receipt) {
        said.add(new Command.Commit(session, transaction.id(), text(receipt)));
    }

    @Override
    public void abort(Transaction transaction, int receipt) {
        said.add(new Command.Abort(session, transaction.id(), text(receipt)));
    }

    @Override
    public void disconnect(int receipt) {
        said.add(new Command.Leave(session, text(receipt)));
    }

    private static @Nullable String text(int receipt) {
        return receipt == NO_RECEIPT ? null : Integer.toString(receipt);
    }

    @Override
    public boolean arrive(boolean all) {
        reading &= !session.parked();
        if (gone || ended || !reading || said.isEmpty()) {
            return false;
        }
        for (int n = all ? said.size() : 1 + random.nextInt(said.size()); n > 0; n--) {
            received.add(said.remove());
        }
        handle();
        reading &= !session.parked();
        return true;
    }

    private void handle() {
        if (handling) {
            return;
        }
        handling = true;
        while (!ended && !gone && !session.parked() && !received.isEmpty()) {
            Command command = broken(received.remove());
            if (command == null) {
                continue;
            }
            if (command.receipt() != null && faults.strike(Fault.RECEIPT_EARLY)) {
                early(command, command.receipt());
            } else if (command instanceof Command.Unsubscribe
                    && faults.strike(Fault.UNSUBSCRIBE_IGNORED)) {
                if (command.receipt() != null) {
                    completed(command.receipt());
                }
            } else {
                shard.handle(command);
            }
        }
        handling = false;
        if (random.nextInt(50) == 0) {
            reform();
        }
    }

    /// What becomes of a command where a fault strikes; null if nothing.
    private @Nullable Command broken(Command command) {
        return switch (command) {
            case Command.Settle c when faults.strike(Fault.ACK_IGNORED) -> ignored(c);
            case Command.Settle c
                    when c.settlement() == Settlement.REQUEUE && faults.strike(Fault.NACK_IS_ACK) ->
                    new Command.Settle(
                            session, Settlement.ACCEPT, c.which(), c.transaction(), c.receipt());
            case Command.Publish c
                    when c.transaction() != null && faults.strike(Fault.TRANSACTION_TORN) ->
                    ignored(c);
            case Command.Publish c
                    when c.transaction() != null && faults.strike(Fault.TRANSACTION_EARLY) ->
                    new Command.Publish(session, c.message(), null, c.receipt());
            case Command.Abort c when faults.strike(Fault.ABORT_COMMITS) ->
                    new Command.Commit(session, c.transaction(), c.receipt());
            default -> command;
        };
    }

    private @Nullable Command ignored(Command command) {
        if (command.receipt() != null) {
            completed(command.receipt());
        }
        return null;
    }

    private void early(Command command, String receipt) {
        completed(receipt);
        shard.handle(
                switch (command) {
                    case Command.Connect c -> c;
                    case Command.Publish c ->
                            new Command.Publish(session, c.message(), c.transaction(), null);
                    case Command.Subscribe c ->
                            new Command.Subscribe(
                                    session, c.id(), c.destination(), c.form(), c.options(), null);
                    case Command.Settle c ->
                            new Command.Settle(
                                    session, c.settlement(), c.which(), c.transaction(), null);
                    case Command.Begin c -> new Command.Begin(session, c.transaction(), null);
                    case Command.Commit c -> new Command.Commit(session, c.transaction(), null);
                    case Command.Abort c -> new Command.Abort(session, c.transaction(), null);
                    case Command.Unsubscribe c ->
                            new Command.Unsubscribe(session, c.id(), c.durable(), null);
                    case Command.Leave _ -> new Command.Leave(session, null);
                });
    }

    private void reform() {
        reformed = !reformed;
        shard.reform(
                session,
                form -> form instanceof Form own ? new Form(own.id, reformed, faults) : form);
    }

    @Override
    public int unarrived() {
        return said.size() + received.size();
    }

    // --- What the broker answers ---

    @Override
    public void connected() {
        session.send(1, out -> out.put(CONNECTED));
    }

    @Override
    public void completed(String receipt) {
        if (!faults.strike(Fault.RECEIPT_LOST)) {
            sayReceipt(receipt);
        }
        if (faults.strike(Fault.RECEIPT_DOUBLED)) {
            sayReceipt(receipt);
        }
    }

    @Override
    public void replayed(String receipt, boolean recovered) {
        boolean whole = recovered || faults.strike(Fault.HOLE_HIDDEN);
        int number = Integer.parseInt(receipt);
        session.send(6, out -> out.put(RECOVERED).putInt(number).put((byte) (whole ? 1 : 0)));
        completed(receipt);
    }

    private void sayReceipt(String receipt) {
        session.send(5, out -> out.put(RECEIPT).putInt(Integer.parseInt(receipt)));
    }

    @Override
    public void left(Command.Leave command) {
        String receipt = command.receipt();
        if (receipt != null) {
            sayReceipt(receipt);
        }
        ended = true;
        shard.end(session, Disconnect.NORMAL);
    }

    @Override
    public void refused(Refusal refusal, @Nullable String receipt, @Nullable String subscription) {
        int number = receipt == null ? NO_RECEIPT : Integer.parseInt(receipt);
        byte reason = (byte) refusal.reason().ordinal();
        if (soft) {
            session.send(6, out -> out.put(REFUSED).put(reason).putInt(number));
            return;
        }
        shard.end(session, refusal.reason());
        ended = true;
        session.send(6, out -> out.put(ERROR).put(reason).putInt(number));
    }

    @Override
    public void ended(Refusal why) {
        ended = true;
        byte row = (byte) why.reason().ordinal();
        session.send(6, out -> out.put(ERROR).put(row).putInt(NO_RECEIPT));
    }

    @Override
    public void resumed() {
        if (session.parked()) {
            throw new AssertionError("told to go on while it must wait");
        }
        reading = true;
        handle();
    }

    @Override
    public void drained() {
        if (wire.closed()) {
            throw new AssertionError("drained twice, or after the end");
        }
        wire.close();
    }

    // --- What the client hears ---

    @Override
    public int read(int max, Ears ears) {
        boolean full = !wire.writable();
        int length = wire.read(Math.min(max, heard.remaining()), heard::put);
        if (full && wire.writable() && !reported) {
            session.writable();
        }
        heard.flip();
        boolean more = true;
        while (more) {
            more = next(ears);
        }
        heard.compact();
        if (wire.closed() && wire.unread() == 0 && !gone && !endTold) {
            endTold = true;
            ears.end(false);
        }
        return length;
    }

    /// One whole frame, if there is one; else the position does not move.
    private boolean next(Ears ears) {
        int start = heard.position();
        int length = heard.remaining();
        if (length == 0) {
            return false;
        }
        byte type = heard.get(start);
        int needed =
                switch (type) {
                    case CONNECTED -> 1;
                    case RECEIPT, BROWSED -> 5;
                    case ERROR, REFUSED, RECOVERED -> 6;
                    case DELIVERY ->
                            length < DELIVERY_HEAD
                                    ? DELIVERY_HEAD
                                    : DELIVERY_HEAD
                                            + heard.getShort(start + MESSAGE_HEAD - 2)
                                            + heard.get(start + DELIVERY_HEAD - 1);
                    case MESSAGE, MESSAGE_REFORMED ->
                            length < MESSAGE_HEAD
                                    ? MESSAGE_HEAD
                                    : MESSAGE_HEAD + heard.getShort(start + MESSAGE_HEAD - 2);
                    default -> throw ears.garbled("type " + type, null);
                };
        if (length < needed) {
            return false;
        }
        heard.position(start + needed);
        switch (type) {
            case CONNECTED -> ears.connected();
            case RECEIPT -> ears.receipt(heard.getInt(start + 1));
            case ERROR -> ears.error(heard.getInt(start + 2), reason(start));
            case REFUSED -> ears.refused(heard.getInt(start + 2), reason(start));
            case RECOVERED -> ears.recovered(heard.getInt(start + 1), heard.get(start + 5) == 1);
            case BROWSED -> ears.browsed(heard.getInt(start + 1));
            case DELIVERY -> delivery(start, needed, ears);
            default -> message(start, needed, ears);
        }
        return true;
    }

    private String reason(int start) {
        return Disconnect.values()[heard.get(start + 1)].name();
    }

    private int index(int start, int end, Ears ears) {
        int index = heard.getInt(start);
        for (int i = start + 4; i < end; i++) {
            if (heard.get(i) != (byte) index) {
                throw ears.garbled("the body of message " + index, null);
            }
        }
        return index;
    }

    private void delivery(int start, int length, Ears ears) {
        int ackLength = heard.get(start + DELIVERY_HEAD - 1);
        int body = start + DELIVERY_HEAD + ackLength;
        byte[] ack = new byte[ackLength];
        heard.get(start + DELIVERY_HEAD, ack);
        int at = start + MESSAGE_HEAD;
        int reason = heard.get(at + 12);
        Handed handed =
                new Handed(
                        ackLength == 0 ? null : new String(ack, US_ASCII),
                        heard.getInt(at),
                        heard.getLong(at + 4),
                        reason < 0 ? null : REASONS.get(reason),
                        heard.getInt(at + 13),
                        heard.getInt(at + 17));
        ears.delivery(
                heard.getInt(start + 1),
                index(body, start + length, ears),
                length - DELIVERY_HEAD - ackLength - 4,
                heard.getInt(start + 5),
                heard.getLong(start + 9),
                heard.getLong(start + 17),
                handed);
    }

    private void message(int start, int length, Ears ears) {
        int index = index(start + MESSAGE_HEAD, start + length, ears);
        ears.message(
                heard.getInt(start + 1),
                index,
                length - MESSAGE_HEAD - 4,
                heard.getInt(start + 5),
                heard.getLong(start + 9),
                heard.getLong(start + 17));
    }

    @Override
    public int unread() {
        return wire.unread();
    }

    @Override
    public long bytesWaiting() {
        return session.bytesWaiting();
    }

    // --- Ends ---

    @Override
    public void drop() {
        gone = true;
        said.clear();
        received.clear();
    }

    @Override
    public boolean reportGone() {
        if (reported || !gone && !wire.closed()) {
            return false;
        }
        reported = true;
        if (!faults.strike(Fault.CLOSE_LOST)) {
            shard.close(session);
        }
        return true;
    }

    @Override
    public boolean ending() {
        return ended;
    }

    @Override
    public long deadlineNanos() {
        return Long.MAX_VALUE;
    }

    @Override
    public void onDeadline() {}

    @Override
    public void beat(Conversation self) {}

    @Override
    public void checkBeats() {}
}
