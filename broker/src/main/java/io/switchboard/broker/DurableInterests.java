package io.switchboard.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The subscriptions that outlive their connections, as a home shard of topics knows them. Owned by
/// that shard.
final class DurableInterests {
    private final Shard shard;
    private final int count;
    private final Map<String, List<DurableInterest>> byName = new HashMap<>();
    private final PatternTrie<List<DurableInterest>> patterns = new PatternTrie<>();

    /// Of the copies made last: their times never fall.
    private long stampMillis;

    DurableInterests(Shard shard, int count) {
        this.shard = shard;
        this.count = count;
    }

    void add(DurableInterest interest) {
        List<DurableInterest> those =
                interest.pattern
                        ? patterns.get(interest.destination)
                        : byName.get(interest.destination);
        if (those == null) {
            those = new ArrayList<>(1);
            if (interest.pattern) {
                patterns.put(interest.destination, those);
            } else {
                byName.put(interest.destination, those);
            }
        }
        those.add(interest);
    }

    void remove(DurableInterest interest) {
        List<DurableInterest> those =
                interest.pattern
                        ? patterns.get(interest.destination)
                        : byName.get(interest.destination);
        if (those == null || !those.remove(interest) || !those.isEmpty()) {
            return;
        }
        if (interest.pattern) {
            patterns.remove(interest.destination);
        } else {
            byName.remove(interest.destination);
        }
    }

    /// Those that are to have a copy of a message that comes now.
    DurableCopies copies(Message message) {
        if (byName.isEmpty() && patterns.count() == 0 || shard.expired(message)) {
            return DurableCopies.NONE;
        }
        List<DurableInterest> found = new ArrayList<>();
        String destination = message.destination();
        byName.getOrDefault(destination, List.of())
                .forEach(interest -> addIfWanted(interest, message, found));
        patterns.forEachMatch(
                destination,
                those -> those.forEach(interest -> addIfWanted(interest, message, found)));
        if (found.isEmpty()) {
            return DurableCopies.NONE;
        }
        stampMillis = Math.max(stampMillis, shard.epochMillis());
        return new DurableCopies(found, stampMillis);
    }

    /// Gives the copies to the shards of the subscriptions.
    ///
    /// @param placed has its place in its topic, and is stored where it must be
    /// @return how many shards will say that they have theirs
    int send(Message placed, DurableCopies copies, Request request) {
        int takers = 0;
        for (int target = 0; target < count && !copies.none(); target++) {
            int at = target;
            List<DurableInterest> there =
                    copies.of().stream().filter(interest -> interest.shard == at).toList();
            if (!there.isEmpty() && target == shard.index()) {
                shard.keepHere(placed, there, copies.arrivedMillis());
            } else if (!there.isEmpty()) {
                takers++;
                shard.post(target, new Post.Keep(placed, there, copies.arrivedMillis(), request));
            }
        }
        return takers;
    }

    private static void addIfWanted(
            DurableInterest interest, Message message, List<DurableInterest> found) {
        if (interest.wants(message)) {
            found.add(interest);
        }
    }
}
