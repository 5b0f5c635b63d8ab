package io.switchboard.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.broker.Command;
import io.switchboard.broker.From;
import io.switchboard.broker.Handover;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Shard;
import io.switchboard.broker.Slab;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.broker.Wire;
import io.switchboard.broker.WireForm;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// A client of a [StateHistory], and what it knows: of what it sent, or of what it subscribed to.
final class StateClient implements SessionEvents, Wire {
    private final SplittableRandom random;
    private final SimulatedDisk disk;
    private final Shard shard;
    private final Session session;
    private final StringBuilder socket = new StringBuilder();

    /// What has a receipt or none, by it.
    private final Map<String, List<Change>> asked = new HashMap<>();

    private final Map<String, Sent> view = new HashMap<>();
    private String topic = "";
    private boolean whole;
    private boolean closed;
    private long lastSequence;
    private int count;
    private long receipts;
    private long refusals;

    /// One SEND, or what a key had at the beginning of a life.
    ///
    /// @param value null for a removal
    /// @param expiresMillis when it is too old at the earliest; 0 for never
    record Sent(@Nullable String value, boolean stored, boolean connected, long expiresMillis) {
        static final Sent NOTHING = new Sent(null, true, false, 0);
    }

    private record Change(Key key, int index) {}

    /// What was sent for a key in this life, by one client.
    static final class Key {
        final String topic;
        final String name;
        @Nullable StateClient writer;
        private final List<Sent> sent = new ArrayList<>(List.of(Sent.NOTHING));
        private final List<Sent> refused = new ArrayList<>();

        /// The last stored one that had a receipt.
        private int kept;

        Key(String topic, String name) {
            this.topic = topic;
            this.name = name;
        }

        Sent lastStored() {
            return sent.get(kept);
        }

        private boolean valid(int index) {
            return refused.stream().noneMatch(it -> it == sent.get(index));
        }

        boolean allowedAfterCrash(@Nullable Sent found, long nowMillis) {
            for (int i = kept; i < sent.size(); i++) {
                Sent each = sent.get(i);
                boolean none =
                        each.value == null
                                || each.connected
                                || !each.stored
                                || each.expiresMillis != 0 && each.expiresMillis <= nowMillis;
                boolean value = each.stored && !each.connected;
                if (valid(i) && (found == null ? none : value && each.equals(found))) {
                    return true;
                }
            }
            return false;
        }

        /// All times have passed.
        boolean allowedAtRest(@Nullable Sent found, List<StateClient> alive) {
            boolean there = writer == null || alive.contains(writer);
            // Who has left was not told any more what became of the last ones.
            for (int i = sent.size() - 1; i >= (there ? 0 : kept); i--) {
                Sent each = sent.get(i);
                boolean gone =
                        each.value == null || each.expiresMillis != 0 || each.connected && !there;
                if (valid(i)) {
                    if (gone ? found == null : each.equals(found)) {
                        return true;
                    }
                    if (there) {
                        return false;
                    }
                }
            }
            return false;
        }

        void beginAgain(@Nullable Sent found) {
            sent.clear();
            sent.add(found == null ? Sent.NOTHING : found);
            refused.clear();
            kept = 0;
            writer = null;
        }

        @Override
        public String toString() {
            return sent + " but " + refused + ", kept " + kept;
        }
    }

    StateClient(Shard shard, SplittableRandom random, SimulatedDisk disk) {
        this.shard = shard;
        this.random = random;
        this.disk = disk;
        session = shard.open(this, this);
        shard.handle(new Command.Connect(session, Principal.of("client", true, "memory")));
    }

    boolean parked() {
        return session.parked();
    }

    void close() {
        closed = true;
        shard.close(session);
    }

    long receipts() {
        return receipts;
    }

    long refusals() {
        return refusals;
    }

    // --- What it sends ---

    /// Changes one of its keys, or several in one transaction.
    void send(List<Key> mine, long nowMillis) {
        String receipt = "r" + ++count;
        List<Change> changes = new ArrayList<>();
        asked.put(receipt, changes);
        if (random.nextInt(4) > 0) {
            publish(mine.get(random.nextInt(mine.size())), nowMillis, null, receipt, changes);
            return;
        }
        shard.handle(new Command.Begin(session, receipt, null));
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            Key key = mine.get(random.nextInt(mine.size()));
            publish(key, nowMillis, receipt, null, changes);
        }
        shard.handle(new Command.Commit(session, receipt, receipt));
    }

    private void publish(
            Key key,
            long nowMillis,
            @Nullable String transaction,
            @Nullable String receipt,
            List<Change> changes) {
        boolean removed = random.nextInt(4) == 0;
        boolean stored = random.nextInt(6) > 0;
        boolean connected = !removed && random.nextInt(4) == 0;
        long ttl = !removed && random.nextInt(5) == 0 ? 1 + random.nextInt(3_000) : 0;
        String value = Long.toString(random.nextLong(), Character.MAX_RADIX);
        Sent sent =
                new Sent(removed ? null : value, stored, connected, ttl == 0 ? 0 : nowMillis + ttl);
        publish(key, sent, ttl, transaction, receipt, changes);
    }

    void remove(Key key) {
        String receipt = "r" + ++count;
        List<Change> changes = new ArrayList<>();
        asked.put(receipt, changes);
        publish(key, Sent.NOTHING, 0, null, receipt, changes);
    }

    private void publish(
            Key key,
            Sent sent,
            long ttlMillis,
            @Nullable String transaction,
            @Nullable String receipt,
            List<Change> changes) {
        changes.add(new Change(key, key.sent.size()));
        key.sent.add(sent);
        String body = sent.value + "," + sent.stored + "," + sent.connected + ",";
        Message message =
                Message.of(
                                key.topic,
                                Headers.NONE,
                                (body + sent.expiresMillis).getBytes(UTF_8),
                                true)
                        .with(
                                new SendOptions(
                                                sent.stored,
                                                SendOptions.PRIORITY_DEFAULT,
                                                0,
                                                ttlMillis,
                                                0)
                                        .withKey(key.name, sent.value == null, sent.connected));
        shard.handle(new Command.Publish(session, message, transaction, receipt));
    }

    @Override
    public void completed(String receipt) {
        receipts++;
        for (Change change : asked.getOrDefault(receipt, List.of())) {
            Key key = change.key;
            if (key.sent.get(change.index).stored) {
                key.kept = Math.max(key.kept, change.index);
            }
        }
    }

    @Override
    public void refused(Refusal refusal, @Nullable String receipt, @Nullable String subscription) {
        refusals++;
        for (Change change : asked.getOrDefault(receipt, List.of())) {
            change.key.refused.add(change.key.sent.get(change.index));
        }
    }

    // --- What it hears ---

    private enum Form implements WireForm {
        TEXT;

        private static String text(Message message) {
            SendOptions options = message.options();
            return String.join(
                            " ",
                            options.key(),
                            Boolean.toString(options.removed()),
                            Long.toString(message.epoch()),
                            Long.toString(message.sequence()),
                            new String(message.body(), UTF_8))
                    + "\n";
        }

        @Override
        public int lengthMax(Message message, @Nullable Handover handover) {
            return text(message).length();
        }

        @Override
        public void encode(Message message, @Nullable Handover handover, ByteBuffer out) {
            out.put(text(message).getBytes(UTF_8));
        }
    }

    void subscribe(String destination) {
        topic = destination;
        SubscribeOptions options = SubscribeOptions.DEFAULT.withFrom(new From.State());
        shard.handle(new Command.Subscribe(session, "1", destination, Form.TEXT, options, "whole"));
    }

    String topic() {
        return topic;
    }

    /// What it was told of each key; all, since nothing moves.
    Map<String, Sent> view() {
        hear();
        if (!whole) {
            throw new AssertionError("a subscriber was not told all of " + topic);
        }
        return view;
    }

    private void hear() {
        String text = socket.toString();
        socket.setLength(0);
        text.lines()
                .forEach(line -> {
                    if (line.equals("whole")) {
                        whole = true;
                    } else {
                        heard(line.split(" ", 5));
                    }
                });
    }

    private void heard(String[] words) {
        long sequence = Long.parseLong(words[3]);
        if (sequence <= lastSequence) {
            throw new AssertionError("out of order: " + String.join(" ", words));
        }
        lastSequence = sequence;
        if (words[1].equals("true")) {
            view.remove(words[0]);
            return;
        }
        String[] parts = words[4].split(",");
        Sent sent =
                new Sent(
                        parts[0],
                        Boolean.parseBoolean(parts[1]),
                        Boolean.parseBoolean(parts[2]),
                        Long.parseLong(parts[3]));
        view.put(words[0], sent);
        SimulatedJournal.Place place =
                new SimulatedJournal.Place("state:" + topic, Long.parseLong(words[2]), sequence);
        if (sent.stored && !disk.hasStored(place)) {
            throw new AssertionError("seen and not stored: " + place);
        }
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void write(Slab slab, int offset, int length) {
        socket.append(new String(slab.bytes().array(), offset, length, UTF_8));
    }

    @Override
    public void flush() {
        hear();
    }

    @Override
    public void connected() {}

    @Override
    public void replayed(String receipt, boolean recovered) {
        if (!recovered && !closed) {
            throw new AssertionError("a subscriber was not given all that changed");
        }
        session.send(6, out -> out.put("whole\n".getBytes(UTF_8)));
    }

    @Override
    public void left(Command.Leave command) {}

    @Override
    public void ended(Refusal refusal) {
        throw new AssertionError("ended: " + refusal);
    }

    @Override
    public void resumed() {}

    @Override
    public void drained() {}
}
