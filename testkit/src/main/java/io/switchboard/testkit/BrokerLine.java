package io.switchboard.testkit;

import io.switchboard.broker.Command;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Handover;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Shard;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.broker.WireForm;
import io.switchboard.testkit.Conversation.Published;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
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
    private static final int MESSAGE_HEAD = 1 + 4 + 4 + 8 + 8 + 2;

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

    /// As a transport does, it stops when the session is parked, and needs to be told to go on.
    private boolean reading = true;

    private boolean ended;
    private boolean gone;
    private boolean reported;
    private boolean endTold;
    private boolean reformed;

    BrokerLine(Shard shard, int window, Faults faults, SplittableRandom random) {
        this.shard = shard;
        this.faults = faults;
        this.random = random;
        wire = new MemoryWire(window);
        session = shard.open(this, new FaultyWire(wire, faults));
    }

    /// @param reformed whether the form was changed on the way, which clients do not notice
    private record Form(int id, boolean reformed, Faults faults) implements WireForm {
        @Override
        public int lengthMax(Message message, @Nullable Handover handover) {
            return MESSAGE_HEAD + message.body().length;
        }

        @Override
        public void encode(Message message, @Nullable Handover handover, ByteBuffer out) {
            if (faults.strike(Fault.DELIVERY_LOST)) {
                return;
            }
            byte[] body = message.body();
            out.put(reformed ? MESSAGE_REFORMED : MESSAGE);
            out.putInt(faults.strike(Fault.MISROUTED) ? id + 1 : id);
            out.putInt(Names.index(message.destination()));
            out.putLong(message.epoch()).putLong(message.sequence());
            out.putShort((short) body.length).put(body);
        }
    }

    // --- What the client says ---

    @Override
    public void connect(String login) {
        said.add(new Command.Connect(session, Principal.of(login, true, "memory")));
    }

    @Override
    public void subscribe(int id, String destination, int receipt) {
        Form form = new Form(id, reformed, faults);
        said.add(
                new Command.Subscribe(
                        session,
                        Integer.toString(id),
                        destination,
                        form,
                        SubscribeOptions.DEFAULT,
                        text(receipt)));
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
        said.add(
                new Command.Publish(
                        session,
                        Message.of(Names.name(message.name), Headers.NONE, body, true),
                        null,
                        text(receipt)));
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
            Command command = received.remove();
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
                    case Command.Unsubscribe c -> new Command.Unsubscribe(session, c.id(), null);
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
        shard.end(session, refusal.reason());
        ended(refusal.reason(), refusal.detail());
    }

    @Override
    public void ended(Disconnect reason, String detail) {
        ended = true;
        session.send(2, out -> out.put(ERROR).put((byte) reason.ordinal()));
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
                    case RECEIPT -> 5;
                    case ERROR -> 2;
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
            case ERROR -> ears.error(Disconnect.values()[heard.get(start + 1)].name());
            default -> message(start, needed, ears);
        }
        return true;
    }

    private void message(int start, int length, Ears ears) {
        int index = heard.getInt(start + MESSAGE_HEAD);
        for (int i = start + MESSAGE_HEAD + 4; i < start + length; i++) {
            if (heard.get(i) != (byte) index) {
                throw ears.garbled("the body of message " + index, null);
            }
        }
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
        wire.abandon();
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
