package io.switchboard.broker;

import java.util.HashMap;
import java.util.Map;

/// Which session each client's id stands for: of two with one id the later takes over, and the
/// earlier is ended. Users do not share ids. Owned by the home shard of the ids.
final class ClientIds {
    private final Shard shard;
    private final Map<String, Session> holders = new HashMap<>();

    ClientIds(Shard shard) {
        this.shard = shard;
    }

    /// @param client as [DurableName#client] has it
    void claim(String client, Session session) {
        Session before = holders.put(client, session);
        if (before != null && before != session) {
            shard.post(before.shardIndex(), new Post.TakenOver(before));
        }
    }

    void leave(String client, Session session) {
        holders.remove(client, session);
    }
}
