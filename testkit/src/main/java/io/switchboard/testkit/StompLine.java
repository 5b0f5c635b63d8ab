package io.switchboard.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.From;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.Settlement;
import io.switchboard.broker.Shard;
import io.switchboard.broker.Slab;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.gateway.Framing;
import io.switchboard.gateway.GatewayOptions;
import io.switchboard.gateway.Identities;
import io.switchboard.gateway.Peer;
import io.switchboard.gateway.StompSession;
import io.switchboard.gateway.Transport;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompLimits;
import io.switchboard.stomp.StompVersion;
import io.switchboard.testkit.Conversation.Published;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A client that speaks STOMP, in any of its versions, to a STOMP session: what both say are the
/// bytes of real frames, cut anywhere. It keeps up heart-beats, unless it is one that falls silent.
final class StompLine implements Line, Transport {
    static final long BEAT_NANOS = GatewayOptions.DEFAULT.heartBeatMillis() * 1_000_000L;
    private static final long SILENCE_NANOS = 3 * BEAT_NANOS;
    private static final int FRAME_MAX = 2_000;
    private static final Map<String, String> REASONS = new HashMap<>();

    static {
        for (Disconnect reason : Disconnect.values()) {
            REASONS.put(reason.text(), reason.name());
        }
    }

    private final StompSession session;
    private final MemoryWire memory;
    private final FaultyWire wire;
    private final Faults faults;
    private final SplittableRandom random;
    private final VirtualClock clock;

    private final Pipe said = new Pipe();
    private final StompConnection ears = StompConnection.client(StompLimits.DEFAULT);
    private final ByteBuffer frame = ByteBuffer.allocate(FRAME_MAX);
    private final StompVersion version;
    private final boolean beats;
    private final boolean fallsSilent;
    private boolean inText = true;

    private final long openedNanos;
    private long connectedNanos;
    private long saidNanos;
    private long arrivedNanos;
    private long writtenNanos;
    private long congestedNanos;
    private long parkedNanos;

    private boolean connected;
    private boolean gone;
    private boolean reported;
    private boolean endTold;
    private boolean ending;

    /// Stops when the session is parked, and needs to be told to go on.
    private boolean reading = true;

    private boolean leaving;
    private boolean inDeadline;
    private boolean cutOff;

    StompLine(Shard shard, int window, Faults faults, SplittableRandom random, VirtualClock clock) {
        this.faults = faults;
        this.random = random;
        this.clock = clock;
        memory = new MemoryWire(window);
        wire = new FaultyWire(memory, faults);
        version = StompVersion.values()[random.nextInt(3)];
        beats = random.nextBoolean();
        fallsSilent = random.nextInt(4) == 0;
        openedNanos = clock.nanos();
        saidNanos = openedNanos;
        arrivedNanos = openedNanos;
        connectedNanos = openedNanos;
        writtenNanos = openedNanos;
        congestedNanos = openedNanos;
        parkedNanos = openedNanos;
        Peer peer = new Peer("memory", true, null);
        session =
                new StompSession(
                        shard,
                        this,
                        Framing.NONE,
                        peer,
                        Identities.believing(peer),
                        GatewayOptions.DEFAULT,
                        openedNanos);
    }

    // --- What the client says ---

    @Override
    public void connect(String login) {
        StompEncoder encoder = begin(StompCommand.CONNECT);
        if (version != StompVersion.V1_0) {
            encoder.header("accept-version", "1.0," + version.text()).header("host", "here");
        }
        encoder.header("login", login);
        if (beats) {
            encoder.header("heart-beat", "10000,10000");
        }
        end(encoder, NO_RECEIPT);
    }

    @Override
    public boolean soft() {
        return false;
    }

    /// STOMP 1.0 has no NACK.
    @Override
    public boolean nacks() {
        return version != StompVersion.V1_0;
    }

    @Override
    public boolean boundsBytes() {
        return false;
    }

    @Override
    public void subscribe(int id, String destination, SubscribeOptions options, int receipt) {
        StompEncoder encoder =
                begin(StompCommand.SUBSCRIBE)
                        .header("id", Integer.toString(id))
                        .header("destination", destination);
        if (!options.equals(SubscribeOptions.DEFAULT)) {
            header(encoder, options);
        }
        end(encoder, receipt);
    }

    private static void header(StompEncoder encoder, SubscribeOptions options) {
        encoder.header("ack", options.ack().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        encoder.header("prefetch-count", Integer.toString(options.prefetchCount()));
        if (options.selector() != null) {
            encoder.header("selector", options.selector());
        }
        if (options.exclusive()) {
            encoder.header("exclusive", "true");
        }
        if (options.browser()) {
            encoder.header("browser", "true");
        }
        switch (options.from()) {
            case From.Now _ -> {}
            case From.Start _ -> encoder.header("from", "start");
            case From.Last(int count) -> encoder.header("from", "last=" + count);
            case From.Age(long millis) -> encoder.header("from", "age=" + millis + "ms");
            case From.After(long epoch, long sequence) ->
                    encoder.header("from", "after=" + Copy.id(epoch, sequence));
            case From.State _ -> encoder.header("from", "state");
        }
    }

    @Override
    public void settle(
            Copy.Delivery delivery,
            Settlement settlement,
            @Nullable Transaction transaction,
            int receipt) {
        boolean accept = settlement == Settlement.ACCEPT;
        StompEncoder encoder = begin(accept ? StompCommand.ACK : StompCommand.NACK);
        if (version == StompVersion.V1_2) {
            encoder.header("id", String.valueOf(delivery.ack));
        } else {
            encoder.header("message-id", delivery.messageId());
            // Two subscriptions may have one message of a topic, but not of a queue.
            boolean anonymous = delivery.wish.queue() && random.nextBoolean();
            if (version == StompVersion.V1_1 || !anonymous) {
                encoder.header("subscription", Integer.toString(delivery.wish.id));
            }
        }
        if (settlement == Settlement.REJECT) {
            encoder.header("requeue", "false");
        }
        end(within(encoder, transaction), receipt);
    }

    private static StompEncoder within(StompEncoder encoder, @Nullable Transaction transaction) {
        return transaction == null ? encoder : encoder.header("transaction", transaction.id());
    }

    @Override
    public void begin(Transaction transaction, int receipt) {
        end(within(begin(StompCommand.BEGIN), transaction), receipt);
    }

    @Override
    public void commit(Transaction transaction, int receipt) {
        end(within(begin(StompCommand.COMMIT), transaction), receipt);
    }

    @Override
    public void abort(Transaction transaction, int receipt) {
        end(within(begin(StompCommand.ABORT), transaction), receipt);
    }

    @Override
    public void unsubscribe(int id, int receipt) {
        end(begin(StompCommand.UNSUBSCRIBE).header("id", Integer.toString(id)), receipt);
    }

    /// The body is the index of the message and octets that follow from it, some of them NUL.
    @Override
    public void send(Published message, int receipt) {
        StompEncoder encoder =
                begin(StompCommand.SEND).header("destination", Names.name(message.name));
        if (receipt != NO_RECEIPT) {
            encoder.header("receipt", Integer.toString(receipt));
        }
        within(encoder, message.transaction);
        if (!message.options.equals(SendOptions.DEFAULT)) {
            header(encoder, message.options);
        }
        String color = Taste.color(message.index);
        if (color != null) {
            encoder.header("color", color);
        }
        encoder.header("size", Integer.toString(Taste.size(message.index)));
        byte[] number = Integer.toString(message.index).getBytes(US_ASCII);
        byte[] body = new byte[number.length + 1 + message.padding];
        System.arraycopy(number, 0, body, 0, number.length);
        body[number.length] = ';';
        for (int i = number.length + 1; i < body.length; i++) {
            body[i] = (byte) message.index;
        }
        encoder.body(body);
        said.write(frame.flip());
        saidNanos = clock.nanos();
    }

    private static void header(StompEncoder encoder, SendOptions options) {
        encoder.header("persistent", Boolean.toString(options.persistent()))
                .header("priority", Integer.toString(options.priority()));
        if (options.ttlMillis() > 0) {
            encoder.header("ttl", Long.toString(options.ttlMillis()));
        }
        if (options.delayMillis() > 0) {
            encoder.header("delay", Long.toString(options.delayMillis()));
        }
        if (options.dedupId() != null) {
            encoder.header("dedup-id", options.dedupId());
        }
    }

    @Override
    public void disconnect(int receipt) {
        end(begin(StompCommand.DISCONNECT), receipt);
        leaving = true;
    }

    private StompEncoder begin(StompCommand command) {
        return StompEncoder.on(frame.clear(), version).command(command);
    }

    private void end(StompEncoder encoder, int receipt) {
        if (receipt != NO_RECEIPT) {
            encoder.header("receipt", Integer.toString(receipt));
        }
        encoder.end();
        said.write(frame.flip());
        saidNanos = clock.nanos();
    }

    @Override
    public boolean arrive(boolean all) {
        reading &= !session.parked();
        if (gone || reported || said.unread() == 0 || !reading) {
            return false;
        }
        if (random.nextInt(100) == 0) {
            inText = !inText;
        }
        int length = all ? said.unread() : 1 + random.nextInt(said.unread());
        arrivedNanos = clock.nanos();
        session.receive(said.read(length), inText, arrivedNanos);
        reading &= !session.parked();
        return true;
    }

    @Override
    public int unarrived() {
        return said.unread();
    }

    // --- What the server says ---

    @Override
    public boolean writable() {
        return wire.writable();
    }

    @Override
    public void write(Slab slab, int offset, int length) {
        writtenNanos = clock.nanos();
        wire.write(slab, offset, length);
    }

    @Override
    public void flush() {
        wire.flush();
    }

    /// No life but STOMP.
    @Override
    public long heardNanos() {
        return openedNanos;
    }

    @Override
    public void ping() {}

    @Override
    public void resume() {
        if (session.parked()) {
            throw new AssertionError("told to go on while it must wait");
        }
        reading = true;
    }

    @Override
    public void ending(Disconnect reason, String detail) {
        if (ending) {
            throw new AssertionError("ends twice");
        }
        ending = true;
    }

    @Override
    public void close(Disconnect reason) {
        if (!memory.closed()) {
            cutOff = inDeadline;
            memory.close();
            // Some transports know at once that they are gone.
            if (random.nextBoolean()) {
                reportGone();
            }
        }
    }

    // --- What the client hears ---

    @Override
    public int read(int max, Ears listener) {
        boolean full = !memory.writable();
        int length = memory.read(max, bytes -> hear(bytes, listener));
        if (full && memory.writable() && !reported) {
            session.writable();
        }
        if (memory.closed() && memory.unread() == 0 && !gone && !endTold) {
            endTold = true;
            listener.end(cutOff);
        }
        return length;
    }

    private void hear(ByteBuffer bytes, Ears listener) {
        ears.receive(bytes, clock.nanos());
        while (true) {
            switch (ears.next()) {
                case StompEvent.FrameReceived(StompFrame heard) -> tell(heard, listener);
                case StompEvent.HeartbeatReceived _ -> {}
                case StompEvent.NeedBytes _ -> {
                    return;
                }
                case StompEvent.Violation violation ->
                        throw listener.garbled(violation.toString(), null);
                case StompEvent.HeartbeatDue e -> throw new AssertionError(e);
                case StompEvent.PeerOverdue e -> throw new AssertionError(e);
                case StompEvent.PeerSilent e -> throw new AssertionError(e);
                case StompEvent.NothingDue e -> throw new AssertionError(e);
            }
        }
    }

    private void tell(StompFrame heard, Ears listener) {
        StompHeaders headers = heard.headers();
        switch (heard.command()) {
            case CONNECTED -> {
                if (!version.text().equals(header(headers, "version", listener))) {
                    throw listener.garbled("another version: " + headers, null);
                }
                ears.version(version);
                connected = true;
                connectedNanos = clock.nanos();
                listener.connected();
            }
            case MESSAGE -> message(heard, listener);
            case RECEIPT -> {
                int number = number(headers, "receipt-id", listener);
                String recovered = headers.get("recovered");
                if (recovered != null) {
                    listener.recovered(number, Boolean.parseBoolean(recovered));
                }
                listener.receipt(number);
            }
            case ERROR -> {
                String reason = REASONS.get(header(headers, "message", listener));
                String receipt = headers.get("receipt-id");
                listener.error(
                        receipt == null ? NO_RECEIPT : Integer.parseInt(receipt),
                        String.valueOf(reason));
            }
            default -> throw listener.garbled(heard.toString(), null);
        }
    }

    private void message(StompFrame heard, Ears listener) {
        StompHeaders headers = heard.headers();
        int subscription = number(headers, "subscription", listener);
        if ("end".equals(headers.get("browser"))) {
            listener.browsed(subscription);
            return;
        }
        String id = header(headers, "message-id", listener);
        int hyphen = id.indexOf('-');
        int index = 0;
        ByteBuffer body = heard.body();
        int at = body.position();
        while (at < body.limit() && body.get(at) != ';') {
            index = 10 * index + body.get(at++) - '0';
        }
        for (int i = at + 1; i < body.limit(); i++) {
            if (body.get(i) != (byte) index) {
                throw listener.garbled("the body of message " + index, null);
            }
        }
        int padding = body.limit() - at - 1;
        int name = Names.index(header(headers, "destination", listener));
        long epoch = Long.parseUnsignedLong(id.substring(0, hyphen), 36);
        long sequence = Long.parseLong(id.substring(hyphen + 1));
        if (headers.get("timestamp") == null) {
            listener.message(subscription, index, padding, name, epoch, sequence);
        } else {
            Handed handed = handed(headers, id, listener);
            listener.delivery(subscription, index, padding, name, epoch, sequence, handed);
        }
    }

    private Handed handed(StompHeaders headers, String id, Ears listener) {
        boolean again = "true".equals(headers.get("redelivered"));
        String from = headers.get("original-destination");
        return new Handed(
                version == StompVersion.V1_2 ? headers.get("ack") : id,
                again ? number(headers, "delivery-count", listener) : 1,
                Long.parseLong(header(headers, "timestamp", listener)),
                headers.get("dead-letter-reason"),
                from == null ? -1 : Names.index(from),
                from == null ? 0 : number(headers, "original-delivery-count", listener));
    }

    private static String header(StompHeaders headers, String name, Ears listener) {
        String value = headers.get(name);
        if (value == null) {
            throw listener.garbled("no header " + name + " in " + headers, null);
        }
        return value;
    }

    private static int number(StompHeaders headers, String name, Ears listener) {
        String value = header(headers, name, listener);
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw listener.garbled(name + " " + value, e);
        }
    }

    @Override
    public int unread() {
        return memory.unread();
    }

    @Override
    public long bytesWaiting() {
        return UNKNOWN;
    }

    @Override
    public boolean ending() {
        return ending;
    }

    // --- Time ---

    @Override
    public long deadlineNanos() {
        return gone || reported || memory.closed() ? Long.MAX_VALUE : session.deadlineNanos();
    }

    @Override
    public void onDeadline() {
        inDeadline = true;
        session.onDeadline(clock.nanos());
        inDeadline = false;
    }

    @Override
    public void beat(Conversation self) {
        long now = clock.nanos();
        if (session.parked()) {
            parkedNanos = now;
        }
        if (!memory.writable()) {
            congestedNanos = now;
        }
        self.silent |= beats && now - arrivedNanos >= SILENCE_NANOS;
        if (!fallsSilent && !gone) {
            if (beats && connected && now - saidNanos >= BEAT_NANOS / 2) {
                said.write(new byte[] {'\n'});
                saidNanos = now;
            }
            arrive(true);
        }
        self.connectLate |=
                !connected && now - openedNanos >= GatewayOptions.DEFAULT.connectTimeoutNanos();
    }

    @Override
    public void checkBeats() {
        if (!beats || version == StompVersion.V1_0 || !connected || gone || ending) {
            return;
        }
        long now = clock.nanos();
        if (!memory.writable()) {
            congestedNanos = now;
        }
        long since = latest(latest(writtenNanos, congestedNanos), connectedNanos);
        if (now - since > BEAT_NANOS) {
            throw new AssertionError("a client hears no heart-beat");
        }
        since = latest(latest(arrivedNanos, parkedNanos), connectedNanos);
        if (now - since > SILENCE_NANOS && !session.parked() && !leaving) {
            throw new AssertionError("a silent client is not given up");
        }
    }

    private static long latest(long a, long b) {
        return a - b > 0 ? a : b;
    }

    // --- Ends ---

    @Override
    public void drop() {
        gone = true;
    }

    @Override
    public boolean reportGone() {
        if (reported || !gone && !memory.closed()) {
            return false;
        }
        reported = true;
        if (!faults.strike(Fault.CLOSE_LOST)) {
            session.closed();
        }
        return true;
    }
}
