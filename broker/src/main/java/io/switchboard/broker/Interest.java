package io.switchboard.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All subscriptions of one shard to one name or pattern. Owned by that shard.
final class Interest {
    /// Up to so many wire forms are searched one by one: nearly all topics have one or two, and an
    /// idle topic should cost no hash table.
    private static final int INDEXED_FROM = 8;

    final String destination;
    final boolean pattern;
    final List<Members> groups = new ArrayList<>(1);
    private @Nullable Map<Members.Key, Members> index;
    private int count;

    /// Whether the home shards know; until then [#waiting] holds who wants to hear of it.
    boolean known;

    @Nullable List<Request> waiting;

    Interest(String destination, boolean pattern) {
        this.destination = destination;
        this.pattern = pattern;
    }

    boolean empty() {
        return count == 0;
    }

    /// Answers whether a group came or went, so that who has looked at them must look again.
    ///
    /// @param memory for what waits in the group, if its members have a `max-rate`
    boolean join(Subscription subscription, WireForm form, Batch.Memory memory) {
        count++;
        Members.Key key = Members.Key.of(subscription, form);
        Members members = find(key);
        boolean fresh = members == null;
        if (members == null) {
            members = new Members(key, key.paced() ? new LatestValues(memory) : null);
            groups.add(members);
            if (index != null) {
                index.put(key, members);
            } else if (groups.size() > INDEXED_FROM) {
                index = new HashMap<>();
                for (Members group : groups) {
                    index.put(group.key(), group);
                }
            }
        }
        members.add(subscription);
        return fresh;
    }

    boolean leave(Subscription subscription) {
        count--;
        Members members = subscription.members();
        members.remove(subscription);
        if (members.count() > 0) {
            return false;
        }
        groups.remove(members);
        if (index != null) {
            index.remove(members.key());
        }
        return true;
    }

    private @Nullable Members find(Members.Key key) {
        if (index != null) {
            return index.get(key);
        }
        for (int i = 0; i < groups.size(); i++) {
            if (groups.get(i).suits(key)) {
                return groups.get(i);
            }
        }
        return null;
    }
}
