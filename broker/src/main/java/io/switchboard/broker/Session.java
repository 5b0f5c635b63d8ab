package io.switchboard.broker;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One client as the broker knows it: who it is, what it subscribed to, what waits for it, and the
/// command that waits for an answer or a credit. Owned by its shard; public methods are for the
/// owner of the connection, on the shard's thread.
public final class Session {
    private static final Subscription[] NONE = new Subscription[0];
    private static final int CONTROL_CAPACITY = 256;

    final Shard shard;
    final SessionEvents events;

    /// Of the program around the broker: see [Shard#openTrusted].
    final boolean trusted;

    private final Wire wire;
    private final OutboundQueue queue = new OutboundQueue();

    private Subscription[] subscriptions = NONE;
    private int subscriptionCount;

    /// Null before CONNECT.
    @Nullable Principal principal;

    /// What its client is called beyond this connection, or null.
    @Nullable String clientId;

    /// Not yet executed: it waits for a decision or for a credit.
    @Nullable Command parked;

    /// Which decision it waits for; answers to older questions are ignored.
    long question;

    boolean deciding;

    /// What was asked last about a message of its.
    Decisions.Step step = Decisions.Step.TO_DESTINATION;

    /// Its CONNECT was allowed.
    boolean connected;

    /// In one of [Admission]'s lines.
    boolean inLine;

    /// Goes on at the end of this turn.
    boolean resuming;

    /// Admitted and not complete.
    int commands;

    long commandBytes;

    /// The home shards of what it wrote while it is connected, one bit each.
    long writtenHomes;

    /// What waits in its subscriptions' [Pace]s.
    int held;

    /// What it asked for and access rules denied.
    int denials;

    Command.@Nullable Leave leaving;

    /// Open ones by id; null where there is none.
    @Nullable Map<String, Transaction> transactions;

    /// Those that wait for their turn to ask for a page; null where there is none.
    @Nullable ArrayDeque<Replay> replays;

    /// One of its replays has asked.
    boolean pageUnderWay;

    /// What the acknowledgement that is being handled may mean.
    Commands.@Nullable Attempt attempt;

    /// Among those that [Rights] keeps; negative outside.
    int place = -1;

    /// When [Expiry] has something to say or do; 0 for never.
    long dueMillis;

    /// As [Rights#version] was at the last question about this session, and when its principal
    /// became what it is.
    long decidedAt;

    long rightsSince;

    /// Its subscriptions below this index are to be asked about again.
    int toAskIndex;

    boolean asksAgain;

    /// Null as long as it has not subscribed to them.
    @Nullable Notices notices;

    /// Subscriptions that the server ended and the client has not; null where there are none.
    private @Nullable Set<String> endedByServer;

    private long subscriptionNumber;

    /// What makes the names of its temporary queues its own; 0 before the first.
    private long temporaryKey;

    private final long id;
    private boolean dirty;
    private boolean wrote;
    private boolean congested;
    private boolean ended;
    private boolean drained;
    private boolean closed;
    private boolean doomed;

    /// The last SEND's destination and what it reads as: most clients send to the same one again.
    @Nullable String sendText;

    DestinationName.Parsed sendName = DestinationName.Parsed.refused("");

    Session(long id, Shard shard, SessionEvents events, Wire wire, boolean trusted) {
        this.id = id;
        this.trusted = trusted;
        this.shard = shard;
        this.events = events;
        this.wire = wire;
    }

    /// Whether the owner must not decode and hand over a further command now;
    /// [SessionEvents#resumed] tells when it may.
    public boolean parked() {
        return parked != null || congested;
    }

    /// A name for logs and for the client, random and so unique; no secret.
    public String id() {
        return Base36.text(id);
    }

    long number() {
        return id;
    }

    /// Until when it is known who it is, in milliseconds since 1970; 0 for ever.
    long expiresMillis() {
        return principal == null ? 0 : principal.expiresMillis();
    }

    /// Who it is; null before CONNECT.
    public @Nullable Principal principal() {
        return principal;
    }

    /// The name of its login; null before CONNECT or without one.
    public @Nullable String user() {
        return principal == null ? null : principal.name();
    }

    /// What its client is called beyond this connection; null before CONNECT or without one.
    public @Nullable String clientId() {
        return clientId;
    }

    /// The peer's address; empty before CONNECT.
    public String address() {
        return principal == null ? "" : principal.address();
    }

    /// The index of its shard. From any thread.
    public int shardIndex() {
        return shard.index();
    }

    /// Whether the wire got bytes since this was asked last.
    public boolean wroteSinceAsked() {
        boolean answer = wrote;
        wrote = false;
        return answer;
    }

    /// Whether it is not read because its client does not take what it asked for.
    public boolean congested() {
        return congested;
    }

    /// Bytes that wait here for the wire to take them.
    public long bytesWaiting() {
        return queue.bytes();
    }

    public int subscriptionCount() {
        return subscriptionCount;
    }

    /// The id and the destination of each of its subscriptions. Of a temporary queue no more than
    /// that it is one: who knows its name may send there.
    ///
    /// @param max of the first so many
    public void eachSubscription(int max, BiConsumer<String, String> each) {
        for (int i = 0; i < Math.min(max, subscriptionCount); i++) {
            String destination = subscriptions[i].destination();
            each.accept(
                    subscriptions[i].id,
                    destination == null ? "/session/" : DestinationName.shown(destination));
        }
    }

    /// Queues something that the session itself has to say, behind all that waits; it is never
    /// dropped. A client that makes the server say much and does not listen is not read any more.
    ///
    /// @param lengthMax an upper bound of what `content` puts, in bytes
    /// @param content puts one whole unit of the wire's protocol, at the buffer's position
    public void send(int lengthMax, Consumer<ByteBuffer> content) {
        if (closed) {
            return;
        }
        Batch batch = queue.lastControl();
        if (batch == null || !batch.takes(lengthMax)) {
            batch = shard.openControl(Math.max(lengthMax, CONTROL_CAPACITY));
        }
        int index = batch.append(lengthMax, content);
        queue.add(batch, index, batch.length(index));
        congested |= queue.controlBytes() > shard.limits.outboundBytesPerSession();
        markDirty();
    }

    /// The name under which everybody knows what this session calls `/temp-queue/…`, so that a
    /// `reply-to` can be answered; null for any other destination.
    public @Nullable String temporaryName(String destination) {
        return DestinationName.ofTemporary(destination, temporaryKey(destination));
    }

    /// Whether one of its subscriptions is the consumer of this queue.
    ///
    /// @param queue its canonical name
    public boolean subscribedTo(String queue) {
        for (int i = 0; i < subscriptionCount; i++) {
            if (subscriptions[i].consumes(queue)) {
                return true;
            }
        }
        return false;
    }

    /// Whether it has a subscription of that id that ends with it.
    public boolean subscribedInPassing(String id) {
        Subscription subscription = subscription(id);
        return subscription != null
                && (subscription.consumer == null
                        || subscription.consumer.options.durable() == null);
    }

    /// Made when it is first needed, which most sessions never do.
    long temporaryKey(String destination) {
        if (temporaryKey == 0 && DestinationName.isTemporary(destination)) {
            temporaryKey = shard.newId();
        }
        return temporaryKey;
    }

    long nextSubscriptionNumber() {
        return ++subscriptionNumber;
    }

    /// The wire takes bytes again.
    public void writable() {
        if (!queue.empty()) {
            markDirty();
        }
    }

    /// Nothing is done for it any more, also from the moment that it is found too slow: its client
    /// would take a gap in its messages for the whole.
    boolean closed() {
        return closed || ended || doomed;
    }

    /// Puts a message of a subscription into the queue, or does what the policy of its destination
    /// says where there is no room. The hot path of a fan-out.
    void offer(Batch batch, int index, int length, Overflow overflow) {
        if (doomed) {
            countDropped(Overflow.DISCONNECT);
            return;
        }
        if (queue.bytes() + length > shard.limits.outboundBytesPerSession() && !queue.empty()) {
            overflow(batch, index, length, overflow);
            return;
        }
        queue.add(batch, index, length);
        markDirty();
    }

    /// The same for a message from a queue, which credit bounds.
    void hand(Batch batch, int index, int length) {
        queue.add(batch, index, length);
        markDirty();
    }

    /// What was handed over to a subscription and has not been written does not leave any more.
    void takeBack(Subscription subscription) {
        queue.takeBack(subscription);
    }

    /// It is too slow for what its subscription must not lose.
    void doomNow() {
        doomNow(
                "more than "
                        + shard.limits.outboundBytesPerSession()
                        + " bytes were waiting for this client; read faster, subscribe to less,"
                        + " or let the destination drop messages (overflow)",
                Bound.OF_ROW);
    }

    void doomNow(String detail, Bound bound) {
        if (!doomed) {
            doomed = true;
            shard.doom(this, new Refusal(Disconnect.SLOW_CONSUMER, detail, bound));
        }
    }

    private void overflow(Batch batch, int index, int length, Overflow overflow) {
        int bytesMax = shard.limits.outboundBytesPerSession();
        switch (overflow) {
            case DISCONNECT -> {
                countDropped(overflow);
                doomNow();
            }
            case DROP_NEWEST -> {
                countDropped(overflow);
                tellDropped(batch.destination, 1);
            }
            case DROP_OLDEST -> replaceOldest(batch, index, length, overflow, bytesMax);
            case CONFLATE -> {
                conflate();
                // Some room more than is needed, so that not every message looks at all again.
                replaceOldest(batch, index, length, overflow, bytesMax - bytesMax / 8);
            }
        }
    }

    private void replaceOldest(
            Batch batch, int index, int length, Overflow overflow, int bytesEnough) {
        String destination = batch.destination;
        if (destination != null) {
            int count = queue.dropOldest(destination, bytesEnough, length);
            shard.counters.dropped[overflow.ordinal()] += count;
            tellDropped(destination, count);
        }
        int bytesMax = shard.limits.outboundBytesPerSession();
        if (queue.bytes() + length > bytesMax && !queue.empty()) {
            countDropped(overflow);
            tellDropped(destination, 1);
        } else {
            queue.add(batch, index, length);
            markDirty();
        }
    }

    private void conflate() {
        shard.counters.dropped[Overflow.CONFLATE.ordinal()] += queue.conflate(shard::openCopies);
    }

    /// This one did not get into the queue.
    private void countDropped(Overflow overflow) {
        shard.counters.dropped[overflow.ordinal()]++;
        shard.counters.messagesOut--;
    }

    /// On its `/session/events`, if it listens there.
    void tellDropped(@Nullable String destination, long count) {
        if (notices != null && destination != null && count > 0) {
            notices.dropped(destination, count);
            markDirty();
        }
    }

    /// Whatever waits for its socket to be empty has a chance at the end of this turn.
    void askForFlush() {
        if (!closed()) {
            markDirty();
        }
    }

    private void markDirty() {
        if (!dirty) {
            dirty = true;
            shard.dirty(this);
        }
    }

    /// Hands to the wire what it takes; the rest waits for [#writable].
    ///
    /// @return whether something still waits
    boolean flush() {
        dirty = false;
        if (closed) {
            return false;
        }
        boolean written = false;
        while (!queue.empty() && wire.writable()) {
            do {
                queue.writeFirst(wire);
            } while (!queue.empty() && wire.writable());
            wire.flush();
            written = true;
        }
        if (written) {
            wrote = true;
            if (congested && queue.controlBytes() <= shard.limits.outboundBytesPerSession() / 2) {
                congested = false;
                shard.resumeLater(this);
            }
        }
        if (notices != null && queue.bytes() <= shard.limits.outboundBytesPerSession() / 2) {
            notices.caughtUp();
        }
        if (queue.empty()) {
            if (ended && !drained) {
                drained = true;
                events.drained();
            }
            if (replays != null && !ended) {
                shard.replays().pull(this, replays);
            }
            return false;
        }
        if (queue.worthConflating()) {
            conflate();
        }
        return true;
    }

    /// Whether this much fits behind what waits.
    boolean hasRoom(int length) {
        return queue.empty() || queue.bytes() + length <= shard.limits.outboundBytesPerSession();
    }

    /// Nothing more is delivered to it; what waits still goes out, except where it is its amount
    /// that ends the session.
    void end(boolean dropWaiting) {
        ended = true;
        parked = null;
        queue.takeBack(null);
        if (dropWaiting || doomed) {
            queue.dropAll();
        }
        markDirty();
    }

    /// The wire has gone.
    void close() {
        ended = true;
        closed = true;
        parked = null;
        queue.clear();
    }

    boolean hasEnded() {
        return ended;
    }

    @Nullable Subscription subscription(String id) {
        for (int i = 0; i < subscriptionCount; i++) {
            if (subscriptions[i].id.equals(id)) {
                return subscriptions[i];
            }
        }
        return null;
    }

    @Nullable Subscription subscription(long number) {
        for (int i = 0; i < subscriptionCount; i++) {
            if (subscriptions[i].number == number) {
                return subscriptions[i];
            }
        }
        return null;
    }

    Subscription subscriptionAt(int index) {
        return subscriptions[index];
    }

    void add(Subscription subscription) {
        if (subscriptionCount == subscriptions.length) {
            subscriptions = Arrays.copyOf(subscriptions, Math.max(1, 2 * subscriptionCount));
        }
        subscriptions[subscriptionCount++] = subscription;
        forgetEnded(subscription.id);
    }

    /// Its client does not know, or had no time to say so: its UNSUBSCRIBE is none too many.
    void endedByServer(String subscriptionId) {
        if (endedByServer == null) {
            endedByServer = new HashSet<>(2);
        }
        if (endedByServer.size() < shard.limits.subscriptionsPerSession()) {
            endedByServer.add(subscriptionId);
        }
    }

    /// Whether the server had ended a subscription of that name, which is now forgotten.
    boolean forgetEnded(String subscriptionId) {
        return endedByServer != null && endedByServer.remove(subscriptionId);
    }

    void remove(Subscription subscription) {
        for (int i = 0; i < subscriptionCount; i++) {
            if (subscriptions[i] == subscription) {
                subscriptions[i] = subscriptions[--subscriptionCount];
                Arrays.fill(subscriptions, subscriptionCount, subscriptionCount + 1, null);
                return;
            }
        }
    }
}
