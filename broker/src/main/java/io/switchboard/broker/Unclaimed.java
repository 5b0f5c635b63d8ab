package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Of which topics the journal has history or state that no policy keeps any more, though none puts
/// it off either. More likely than not that is a start with the wrong configuration, which must not
/// cost what was stored with the right one: it is refused, and nothing is removed. Owned by the
/// shard that is home to the topics.
public final class Unclaimed {
    private final Policies policies;
    private final SortedSet<String> histories = new TreeSet<>();
    private final SortedSet<String> states = new TreeSet<>();

    Unclaimed(Policies policies) {
        this.policies = policies;
    }

    /// What is stored of a topic's history, which it does not store any more.
    ///
    /// @return whether that may be removed
    boolean historyMayGo(String topic) {
        return mayGo(topic, histories, policies::putsHistoryOff);
    }

    /// The same of its state.
    boolean stateMayGo(String topic) {
        return mayGo(topic, states, policies::putsStateOff);
    }

    /// Asked for each message that is stored, so the policies are asked once.
    private static boolean mayGo(
            String topic, SortedSet<String> unclaimed, Predicate<String> putOff) {
        if (!unclaimed.contains(topic) && !putOff.test(topic)) {
            unclaimed.add(topic);
        }
        return !unclaimed.contains(topic);
    }

    /// Called when everything has been given back, before [Shard#restored].
    ///
    /// @throws IllegalStateException if there is such a topic at one of the shards, with what to do
    public static void check(List<Shard> shards) {
        SortedSet<String> histories = new TreeSet<>();
        SortedSet<String> states = new TreeSet<>();
        for (Shard shard : shards) {
            histories.addAll(shard.unclaimed().histories);
            states.addAll(shard.unclaimed().states);
        }
        List<String> kinds = new ArrayList<>();
        List<String> found = new ArrayList<>();
        name("history", histories, kinds, found);
        name("state", states, kinds, found);
        if (!kinds.isEmpty()) {
            throw new IllegalStateException(
                    "stored "
                            + String.join(", and stored ", found)
                            + (kinds.size() == 1 ? " has" : " have")
                            + " no policy any more: expected "
                            + String.join(" or ", kinds)
                            + " with durable: on; start with the configuration that it was stored"
                            + " with, or give what is to go a policy with "
                            + String.join(": off, ", kinds)
                            + ": off or durable: off, which removes it");
        }
    }

    private static void name(
            String kind, SortedSet<String> topics, List<String> kinds, List<String> found) {
        if (!topics.isEmpty()) {
            int more = topics.size() - 1;
            kinds.add(kind);
            found.add(
                    kind
                            + " of "
                            + topics.first()
                            + (more == 0 ? "" : " and " + more + " other topic")
                            + (more > 1 ? "s" : ""));
        }
    }
}
