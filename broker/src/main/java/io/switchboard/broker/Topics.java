package io.switchboard.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The topics that a shard is home to: their order, which shards have subscribers, and what is kept
/// of their messages. Owned by that shard.
final class Topics {
    /// Shards are bits of a long.
    static final int SHARDS_MAX = 64;

    private static final int WITHOUT_PAST_MAX = 4_096;

    static final Refusal NOT_DELIVERED =
            new Refusal(
                    Disconnect.INTERNAL_ERROR,
                    "a message could not be given to all of its subscribers");

    private final int index;
    private final int count;
    private final LongSupplier epochs;
    private final long before;
    private final Shard shard;
    private final Map<String, Topic> topics = new HashMap<>();

    /// Patterns with subscribers anywhere: one bit per shard. Every shard knows all of them.
    private final PatternTrie<long[]> patterns = new PatternTrie<>();

    private int patternVersion;

    /// Whose copies are kept of what is published here.
    private final DurableInterests durable;

    private final Policies policies;
    private final Histories histories;
    private final States states;
    private final Presences presences = new Presences(this);
    private final Unclaimed unclaimed;
    private final Pages pages;
    private final int topicsMax;

    /// Some that keep no past, so that this is not found out at each message that nobody is
    /// subscribed to by name.
    private final Set<String> withoutPast = new HashSet<>();

    /// The order of messages to names that nobody subscribed to as such: they are not kept, so they
    /// share an epoch of this shard.
    private final Topic nameless;

    Topics(int index, int count, Shard.Ports ports, Policies policies, Shard shard) {
        this.index = index;
        this.count = count;
        epochs = ports.ids();
        this.shard = shard;
        this.policies = policies;
        unclaimed = new Unclaimed(policies);
        before = Shard.firstSequence(ports.journal());
        topicsMax = Math.max(1, shard.limits.destinations() / count);
        durable = new DurableInterests(shard, count);
        pages = new Pages(shard);
        histories = new Histories(shard, policies, ports, this::emptied);
        states =
                new States(
                        shard,
                        policies,
                        ports,
                        this::remove,
                        table -> forgetIfIdle(table.destination));
        nameless = new Topic("", epochs.getAsLong(), before, null, null);
    }

    DurableInterests durable() {
        return durable;
    }

    Pages pages() {
        return pages;
    }

    Histories histories() {
        return histories;
    }

    Presences presences() {
        return presences;
    }

    States states() {
        return states;
    }

    Unclaimed unclaimed() {
        return unclaimed;
    }

    /// The topic of that name. The sequence of a new one goes on where that of an earlier one of
    /// the name ended, whatever its epoch: so the sequence alone tells the order of what is kept
    /// for long.
    private Topic topic(String name) {
        Topic known = topics.get(name);
        return known != null ? known : topic(name, epochs.getAsLong());
    }

    private Topic topic(String name, long epoch) {
        long last = nameless.sequence;
        Topic topic =
                new Topic(name, epoch, last, histories.of(name, epoch, last), states.of(name));
        topics.put(name, topic);
        if (topic.keepsPast()) {
            pages.add(topic);
        }
        return topic;
    }

    /// Whether a message to a name that nobody is subscribed to as such is to be kept.
    private boolean keepsPast(String name) {
        if (!policies.keepPast() || withoutPast.contains(name)) {
            return false;
        }
        if (policies.of(name).keepsPast()) {
            return true;
        }
        if (withoutPast.size() == WITHOUT_PAST_MAX) {
            withoutPast.clear();
        }
        withoutPast.add(name);
        return false;
    }

    /// Those with subscribers of their own name, or a history.
    int topicCount() {
        return topics.size();
    }

    /// The shard that sequences this name's messages.
    int home(String name) {
        return Shard.home(name, count);
    }

    /// Station 6: gives the message its place in the order of its topic and sends it to every shard
    /// that has subscribers, this one included.
    void sequence(Message message, Request request) {
        Topic known = topics.get(message.destination());
        if (known == null && keepsPast(message.destination())) {
            Refusal refusal = create(message.destination());
            if (refusal != null) {
                shard.answer(request, refusal);
                return;
            }
            known = topics.get(message.destination());
        }
        Refusal refusal = states.admit(known == null ? null : known.state, message);
        if (refusal != null) {
            shard.answer(request, refusal);
            if (known != null) {
                forgetIfIdle(known);
            }
            return;
        }
        place(message, known, request);
    }

    /// On the broker's own account: what has no room is not told.
    void publish(Message message) {
        sequence(message, own());
    }

    private Request own() {
        return new Request(null, null, null, index, index, 0, 1);
    }

    private void place(Message message, @Nullable Topic known, Request request) {
        DurableCopies copies = durable.copies(message);
        if (!copies.none()) {
            place(message, topic(message.destination()), copies, request);
            return;
        }
        if (known != null && known.keepsOrder()) {
            place(message, known, copies, request);
            return;
        }
        Topic topic = known == null ? nameless : known;
        Message placed = message.at(topic.epoch, ++topic.sequence);
        long arrived = known == null || known.state == null ? 0 : shard.epochMillis();
        send(placed, known, copies, request, arrived);
        if (known != null && known.state != null) {
            forgetIfIdle(known);
        }
    }

    private void place(Message message, Topic topic, DurableCopies copies, Request request) {
        place(message, topic, copies, request, () -> {});
    }

    /// The message goes on when those before it have, and all is stored of it that is to be.
    private void place(
            Message message,
            Topic topic,
            DurableCopies copies,
            Request request,
            Runnable whenRefused) {
        long arrived = shard.epochMillis();
        Message placed = message.at(topic.epoch, ++topic.sequence);
        List<Journal.Change> puts = puts(placed, topic, copies, arrived);
        if (puts.isEmpty() && (topic.places == null || topic.places.empty())) {
            fill(placed, topic, copies, request, arrived);
            return;
        }
        Places.Place place =
                places(topic).open(() -> fill(placed, topic, copies, request, arrived));
        if (puts.isEmpty()) {
            place.keep();
            return;
        }
        shard.queues()
                .append(
                        request.changes(puts),
                        failure -> {
                            if (failure == null) {
                                place.keep();
                            } else {
                                place.giveUp();
                                if (topic.state != null) {
                                    states.giveUp(topic.state, placed);
                                }
                                shard.answer(request, failure);
                                whenRefused.run();
                                forgetIfIdle(topic);
                            }
                        });
    }

    /// What the journal is to have of it: in the topic's history and state, and for durable
    /// subscriptions.
    private List<Journal.Change> puts(
            Message placed, Topic topic, DurableCopies copies, long arrivedMillis) {
        List<Journal.Change> puts = copies.puts(placed);
        if (topic.state != null) {
            puts.addAll(states.changes(topic.state, placed, arrivedMillis));
        }
        if (topic.history == null || !Histories.stores(topic.history, placed)) {
            return puts;
        }
        List<Journal.Change> all = new ArrayList<>(Histories.besides(topic.history));
        all.add(histories.put(topic.history, placed, arrivedMillis));
        all.addAll(puts);
        return all;
    }

    private Places places(Topic topic) {
        Places places = topic.places;
        if (places == null) {
            places = new Places(() -> forgetIfIdle(topic));
            topic.places = places;
        }
        return places;
    }

    /// For what has no batch in the journal: copies of it are kept in memory.
    private static Message unstored(Message message) {
        SendOptions options = message.options();
        return message.with(
                new SendOptions(
                        false,
                        options.priority(),
                        options.expiresMillis(),
                        options.ttlMillis(),
                        options.delayMillis(),
                        options.key(),
                        options.removed(),
                        options.whileConnected(),
                        options.dedupId()));
    }

    /// For a message to be kept; null if it is there now.
    private @Nullable Refusal create(String name) {
        if (!topics.containsKey(name) && topics.size() >= topicsMax) {
            return Subscriptions.tooManyDestinations(shard.limits.destinations());
        }
        topic(name);
        return null;
    }

    /// @param arrivedMillis of a message that is kept
    private void send(
            Message placed,
            @Nullable Topic known,
            DurableCopies copies,
            Request request,
            long arrivedMillis) {
        long interested =
                (known == null ? 0 : known.shards) | patternShards(placed.destination(), known);
        int takers = 0;
        boolean done = false;
        try {
            if (known != null && known.state != null) {
                states.apply(known.state, placed, arrivedMillis, request.session);
            }
            if (known != null && known.history != null) {
                // In the step in which it is posted: a replay that ends before goes on with the
                // post, one that ends after has had it from here.
                histories.keep(known.history, placed, arrivedMillis);
            }
            takers += durable.send(placed, copies, request);
            if (interested != 0 && !shard.expired(placed)) {
                for (long rest = interested; rest != 0; rest &= rest - 1) {
                    int target = Long.numberOfTrailingZeros(rest);
                    if (target == index) {
                        shard.deliverHere(placed);
                    } else {
                        takers++;
                        shard.post(target, new Post.Deliver(placed, request));
                    }
                }
            }
            done = true;
        } finally {
            shard.answer(request, takers, done ? null : NOT_DELIVERED);
        }
    }

    /// A value goes on the broker's own account.
    private void remove(StateTable.Value value) {
        Topic topic = topics.get(value.table.destination);
        if (topic == null || topic.state != value.table || !value.table.holds(value)) {
            return;
        }
        if (value.table.durable) {
            removeStored(value, topic);
        } else {
            removeUnstored(value, topic);
        }
    }

    /// Beside a change of the same key it would have to know what becomes of that, so it waits.
    private void removeStored(StateTable.Value value, Topic topic) {
        if (states.busy(value)) {
            states.removeLater(value);
            return;
        }
        Message removal = States.removal(topic.name, value.key);
        DurableCopies copies = durable.copies(removal);
        place(removal, topic, copies, own(), () -> states.removeLater(value));
    }

    /// Unless a change that has its place already comes before.
    private void removeUnstored(StateTable.Value value, Topic topic) {
        Message removal = unstored(States.removal(topic.name, value.key));
        Message placed = removal.at(topic.epoch, ++topic.sequence);
        Request request = own();
        Runnable fill =
                () -> {
                    if (value.table.holds(value)) {
                        long now = shard.epochMillis();
                        send(placed, topic, durable.copies(placed), request, now);
                    }
                    forgetIfIdle(topic);
                };
        if (topic.places != null && !topic.places.empty()) {
            topic.places.open(fill).keep();
        } else {
            fill.run();
        }
    }

    private void fill(
            Message placed,
            Topic topic,
            DurableCopies copies,
            Request request,
            long arrivedMillis) {
        send(placed, topic, copies, request, arrivedMillis);
        forgetIfIdle(topic);
    }

    /// Keeps a place for a message of a commit.
    @Nullable Refusal prepare(Message message, Part part) {
        String name = message.destination();
        Refusal refusal = keepsPast(name) ? create(name) : null;
        if (refusal != null) {
            return refusal;
        }
        Topic topic = topic(name);
        refusal = states.admit(topic.state, message);
        if (refusal != null) {
            forgetIfIdle(topic);
            return refusal;
        }
        DurableCopies copies = durable.copies(message);
        Message placed = message.at(topic.epoch, ++topic.sequence);
        long arrived = shard.epochMillis();
        part.changes.addAll(puts(placed, topic, copies, arrived));
        Request request = part.commit.request();
        Places.Place place =
                places(topic).open(() -> fill(placed, topic, copies, request, arrived));
        part.places.add(place);
        part.undo.add(() -> {
            place.giveUp();
            if (topic.state != null) {
                states.giveUp(topic.state, placed);
            }
            forgetIfIdle(topic);
        });
        return null;
    }

    private void emptied(History history) {
        forgetIfIdle(history.destination);
    }

    private void forgetIfIdle(String name) {
        Topic topic = topics.get(name);
        if (topic != null) {
            forgetIfIdle(topic);
        }
    }

    private void forgetIfIdle(Topic topic) {
        if (topic.places != null && topic.places.empty()) {
            topic.places = null;
        }
        if (topic.idle() && topic.history != null && topic.history.stored()) {
            // It goes when the journal has forgotten it too: another one of its name begins anew.
            histories.clear(topic.history);
        } else if (topic.idle()) {
            nameless.sequence = Math.max(nameless.sequence, topic.sequence);
            topics.remove(topic.name, topic);
            if (topic.keepsPast()) {
                pages.remove(topic);
            }
        }
    }

    // --- What outlived the last process ---

    Journal.Restoring restoring() {
        histories.restoring();
        states.restoring();
        return new Journal.Restoring() {
            @Override
            public void value(String home, String name, byte[] value) {
                if (home.startsWith(StoredStates.HOME)) {
                    throw new IllegalStateException("expected messages alone in " + home);
                }
                HistoryValue known = HistoryValue.of(home, name, value);
                histories.restore(home, restored(home, known.epoch()).history, known);
            }

            @Override
            public void message(String home, Journal.StoredMessage stored) {
                if (home.startsWith(StoredStates.HOME)) {
                    String name = home.substring(StoredStates.HOME.length());
                    states.restore(restored(name, stored.epoch()).state, home, stored);
                    return;
                }
                histories.restore(home, restored(home, stored.epoch()).history, stored);
            }

            private Topic restored(String name, long epoch) {
                Topic topic = topics.get(name);
                return topic == null ? topic(name, epoch) : topic;
            }
        };
    }

    void restored() {
        histories.restored();
        for (Topic topic : List.copyOf(topics.values())) {
            if (topic.state != null) {
                states.restored(topic.state);
            }
            // It may keep nothing any more.
            forgetIfIdle(topic);
        }
        states.restored();
    }

    boolean keepState() {
        return topics.values().stream().anyMatch(topic -> topic.state != null);
    }

    /// It is known here who is to have copies: what has gone with the last life may be told.
    void begin() {
        for (Topic topic : List.copyOf(topics.values())) {
            if (topic.state != null) {
                topic.state.orphans().forEach(this::remove);
            }
        }
        states.begin();
    }

    private long patternShards(String destination, @Nullable Topic topic) {
        if (patterns.count() == 0) {
            return 0;
        }
        if (topic != null && topic.patternVersion == patternVersion) {
            return topic.patternShards;
        }
        long[] found = {0};
        patterns.forEachMatch(destination, shards -> found[0] |= shards[0]);
        if (topic != null) {
            topic.patternShards = found[0];
            topic.patternVersion = patternVersion;
        }
        return found[0];
    }

    void interested(int shardIndex, String destination, boolean pattern) {
        long bit = 1L << shardIndex;
        if (!pattern) {
            topic(destination).shards |= bit;
            return;
        }
        long[] shards = patterns.get(destination);
        if (shards == null) {
            shards = new long[1];
            patterns.put(destination, shards);
        }
        shards[0] |= bit;
        patternVersion++;
    }

    void noLongerInterested(int shardIndex, String destination, boolean pattern) {
        long bit = 1L << shardIndex;
        if (!pattern) {
            Topic topic = topics.get(destination);
            if (topic != null) {
                topic.shards &= ~bit;
                forgetIfIdle(topic);
            }
            return;
        }
        long[] shards = patterns.get(destination);
        if (shards != null) {
            shards[0] &= ~bit;
            if (shards[0] == 0) {
                patterns.remove(destination);
            }
            patternVersion++;
        }
    }
}
