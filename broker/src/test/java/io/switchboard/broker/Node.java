package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/// Some shards in one thread. Nothing moves between them before [#run] or one of the finer steps.
final class Node {
    final CountedSlabs slabs = new CountedSlabs();
    final List<ArrayDeque<Post>> inboxes = new ArrayList<>();
    final List<Shard> shards = new ArrayList<>();
    final boolean[] turnAsked;
    final long[] wakeAt;

    /// In milliseconds since 1970.
    long nowMillis = 1_000_000;

    /// The last random number that was given out.
    long epoch;

    Node(int count) {
        this(count, AccessRules.localOnly(), Policies.DEFAULT, BrokerLimits.DEFAULT);
    }

    Node(int count, AccessRules rules, Policies policies, BrokerLimits limits) {
        this(count, rules, policies, limits, Journal.NONE, Application.NONE);
    }

    Node(
            int count,
            AccessRules rules,
            Policies policies,
            BrokerLimits limits,
            Journal journal,
            Application application) {
        turnAsked = new boolean[count];
        wakeAt = new long[count];
        Arrays.fill(wakeAt, Long.MAX_VALUE);
        Budget queueMemory = new Budget(limits.queues().bytes());
        Budget transactionMemory = new Budget(limits.queues().transactionBytes());
        Budget historyMemory = new Budget(limits.topics().historyBytes());
        Budget stateMemory = new Budget(limits.topics().stateBytes());
        for (int i = 0; i < count; i++) {
            inboxes.add(new ArrayDeque<>());
        }
        for (int i = 0; i < count; i++) {
            int index = i;
            Loop loop =
                    new Loop() {
                        @Override
                        public void post(int shard, Post post) {
                            inboxes.get(shard).add(post);
                        }

                        @Override
                        public void endTurnLater() {
                            assertThat(turnAsked[index]).as("asked twice").isFalse();
                            turnAsked[index] = true;
                        }

                        @Override
                        public long epochMillis() {
                            return nowMillis;
                        }

                        @Override
                        public void wakeAt(long epochMillis) {
                            wakeAt[index] = epochMillis;
                        }
                    };
            Shard.Ports ports =
                    new Shard.Ports(
                            loop,
                            slabs,
                            () -> ++epoch,
                            rules,
                            journal,
                            application,
                            queueMemory,
                            transactionMemory,
                            historyMemory,
                            stateMemory);
            shards.add(new Shard(i, count, ports, policies, limits));
        }
    }

    /// Everything that is to be done, turns ending when the inboxes are empty.
    void run() {
        boolean moved = true;
        while (moved) {
            moved = deliverPosts();
            for (int i = 0; i < shards.size(); i++) {
                moved |= endTurn(i);
            }
        }
    }

    /// Time passes, and what is due then happens.
    void pass(long millis) {
        nowMillis += millis;
        for (int i = 0; i < wakeAt.length; i++) {
            if (wakeAt[i] <= nowMillis) {
                wakeAt[i] = Long.MAX_VALUE;
                shards.get(i).onDeadline();
            }
        }
        run();
    }

    boolean deliverPosts() {
        boolean moved = false;
        for (int i = 0; i < shards.size(); i++) {
            while (deliverPost(i)) {
                moved = true;
            }
        }
        return moved;
    }

    boolean deliverPost(int shard) {
        Post post = inboxes.get(shard).poll();
        if (post != null) {
            shards.get(shard).receive(post);
        }
        return post != null;
    }

    boolean endTurn(int shard) {
        boolean asked = turnAsked[shard];
        turnAsked[shard] = false;
        if (asked) {
            shards.get(shard).endTurn();
        }
        return asked;
    }

    Client client(int shard) {
        return new Client(this, shards.get(shard));
    }

    /// Connected, by that name.
    Client client(int shard, String login) {
        Client client = client(shard);
        client.connect(login);
        return client;
    }

    /// A name that the shard is home to: `/topic/0`, `/topic/1` and so on.
    String nameAt(int shard) {
        for (int i = 0; ; i++) {
            String name = "/topic/" + i;
            if (shards.get(0).home(name) == shard) {
                return name;
            }
        }
    }

    long dropped(Overflow overflow) {
        return shards.stream().mapToLong(shard -> shard.counters().dropped(overflow)).sum();
    }

    /// Nothing is left of anybody who was ever here.
    void assertEmpty() {
        slabs.assertAllGivenBack();
        for (Shard shard : shards) {
            Counters counters = shard.counters();
            assertThat(counters.sessions()).as("sessions").isZero();
            assertThat(counters.subscriptions()).as("subscriptions").isZero();
            assertThat(counters.destinations()).as("destinations").isZero();
            assertThat(counters.topics()).as("topics").isZero();
            assertThat(counters.bytesWaiting()).as("bytes waiting").isZero();
            assertThat(counters.commands()).as("commands").isZero();
            assertThat(counters.queues()).as("queues").isZero();
            assertThat(counters.queued()).as("messages in queues").isZero();
            assertThat(counters.queueBytes()).as("bytes in queues").isZero();
        }
    }

    /// One client: what it was told, and a socket that takes what it may.
    static final class Client implements SessionEvents, Wire {
        final Shard shard;
        final Session session;

        /// What the broker told the connection's owner, and what reached the socket, in order.
        final List<String> log = new ArrayList<>();

        final StringBuilder socket = new StringBuilder();

        /// Of the last message that was encoded for it.
        String lastMessageId = "";

        Headers lastHeaders = Headers.NONE;
        int writes;
        int flushes;
        boolean writable = true;
        Consumer<Client> whenResumed = client -> {};

        Client(Node node, Shard shard) {
            this.shard = shard;
            session = shard.open(this, this);
        }

        void connect(String login) {
            connect(Principal.of(login, true, "127.0.0.1"));
        }

        void connect(Principal principal) {
            shard.handle(new Command.Connect(session, principal));
        }

        void subscribe(String id, String destination, String receipt) {
            subscribe(new TextForm(id), destination, receipt);
        }

        void subscribe(TextForm form, String destination, String receipt) {
            subscribe(form, destination, SubscribeOptions.DEFAULT, receipt);
        }

        void subscribe(
                TextForm form, String destination, SubscribeOptions options, String receipt) {
            WireForm watched = new WatchedForm(form, this);
            shard.handle(
                    new Command.Subscribe(
                            session,
                            form.id(),
                            destination,
                            options.equals(SubscribeOptions.DEFAULT) ? form : watched,
                            options,
                            receipt));
        }

        void consume(String id, String destination, AckMode ack) {
            SubscribeOptions options =
                    SubscribeOptions.DEFAULT.withAck(ack).withPrefetch(99, 1 << 20);
            subscribe(new TextForm(id), destination, options, null);
        }

        void settle(Settlement settlement, String ack, String transaction, String receipt) {
            shard.handle(
                    new Command.Settle(
                            session, settlement, Delivered.byAck(ack), transaction, receipt));
        }

        void ack(String ack) {
            settle(Settlement.ACCEPT, ack, null, null);
        }

        void nack(String ack) {
            settle(Settlement.REQUEUE, ack, null, null);
        }

        void begin(String transaction) {
            shard.handle(new Command.Begin(session, transaction, null));
        }

        void commit(String transaction, String receipt) {
            shard.handle(new Command.Commit(session, transaction, receipt));
        }

        void abort(String transaction) {
            shard.handle(new Command.Abort(session, transaction, null));
        }

        void unsubscribe(String id, String receipt) {
            shard.handle(new Command.Unsubscribe(session, id, receipt));
        }

        void send(String destination, String body) {
            send(destination, body, null);
        }

        void send(String destination, String body, String receipt) {
            publish(message(destination, body), null, receipt);
        }

        void publish(Message message, String transaction, String receipt) {
            shard.handle(new Command.Publish(session, message, transaction, receipt));
        }

        static Message message(String destination, String body) {
            return Message.of(destination, Headers.NONE, body.getBytes(UTF_8), true);
        }

        void leave(String receipt) {
            shard.handle(new Command.Leave(session, receipt));
        }

        void close() {
            shard.close(session);
        }

        void stopReading() {
            writable = false;
        }

        void readAgain() {
            writable = true;
            session.writable();
        }

        /// What reached the socket since the last call.
        String read() {
            String text = socket.toString();
            socket.setLength(0);
            return text;
        }

        @Override
        public boolean writable() {
            return writable;
        }

        @Override
        public void write(Slab slab, int offset, int length) {
            writes++;
            socket.append(new String(slab.bytes().array(), offset, length, UTF_8));
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public void connected() {
            log.add("connected");
        }

        /// As every owner does: the receipt goes the way of the messages.
        @Override
        public void completed(String receipt) {
            log.add("completed " + receipt);
            say("receipt " + receipt + ';');
        }

        void say(String text) {
            session.send(text.length(), out -> out.put(text.getBytes(UTF_8)));
        }

        @Override
        public void replayed(String receipt, boolean recovered) {
            log.add("replayed " + receipt + ' ' + recovered);
            say("receipt " + receipt + ' ' + recovered + ';');
        }

        @Override
        public void left(Command.Leave command) {
            log.add("left");
            if (command.receipt() != null) {
                say("receipt " + command.receipt() + ';');
            }
            shard.end(session, Disconnect.NORMAL);
        }

        @Override
        public void refused(Refusal refusal, String receipt, String subscription) {
            log.add("refused " + refusal.reason());
        }

        @Override
        public void subscriptionEnded(String subscription, Refusal refusal) {
            log.add("subscription ended " + subscription + " " + refusal.detail());
        }

        @Override
        public void ended(Refusal why) {
            log.add("ended " + why.reason());
            say("error " + why.reason() + ';');
        }

        @Override
        public void resumed() {
            log.add("resumed");
            whenResumed.accept(this);
        }

        @Override
        public void drained() {
            log.add("drained");
        }
    }

    /// Remembers what its client was given last; never shared.
    private record WatchedForm(TextForm form, Client client) implements WireForm {
        @Override
        public int lengthMax(Message message, Handover handover) {
            return form.lengthMax(message, handover);
        }

        @Override
        public void encode(Message message, Handover handover, java.nio.ByteBuffer out) {
            client.lastMessageId = message.id();
            client.lastHeaders = message.headers();
            form.encode(message, handover, out);
        }
    }
}
