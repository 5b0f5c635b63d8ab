package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Station 8: which of a shard's subscriptions want the messages of one destination, as groups of
/// equal wire form, those of matching patterns included. Owned by its shard.
final class Audience {
    private static final Cohort[] NOBODY = new Cohort[0];

    final String destination;

    /// The subscriptions of the name itself; null where only patterns match.
    final @Nullable Interest own;

    final Overflow overflow;

    private final Policies.Policy policy;

    private Cohort[] cohorts = NOBODY;
    private int version = -1;

    /// @param own null for a destination that only patterns match
    Audience(String destination, @Nullable Interest own, Policies.Policy policy) {
        this.destination = destination;
        this.own = own;
        overflow = policy.overflow();
        this.policy = policy;
    }

    /// Whether its messages are in that past, until they are live for who subscribed to it.
    boolean keeps(From from) {
        return from instanceof From.State ? policy.state() : policy.history() != null;
    }

    /// A group of subscriptions that get the same bytes, and the batch of this turn.
    static final class Cohort {
        final Members members;
        @Nullable Batch open;

        /// Bytes of the last batch: the next one begins with as much room, which saves growing.
        int expected;

        Cohort(Members members) {
            this.members = members;
        }
    }

    /// A group of its own interest came or went.
    void changed() {
        version = -1;
    }

    /// @param patternVersion changes whenever a group of any pattern comes or goes
    Cohort[] cohorts(PatternTrie<Interest> patterns, int patternVersion) {
        if (version != patternVersion) {
            List<Cohort> found = new ArrayList<>();
            if (own != null) {
                own.groups.forEach(members -> found.add(new Cohort(members)));
            }
            patterns.forEachMatch(
                    destination,
                    interest -> interest.groups.forEach(group -> found.add(new Cohort(group))));
            cohorts = found.toArray(NOBODY);
            version = patternVersion;
        }
        return cohorts;
    }
}
