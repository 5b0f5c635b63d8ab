package io.switchboard.broker;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One that outlives its connections: what it is to get, the queue where that waits, and whose it
/// is, since the access rules are asked about an absent client too. Owned by its home shard.
final class DurableSubscription {
    /// Characters of the claims that are kept of an owner; one with more has none.
    private static final int CLAIMS_LENGTH_MAX = 4_096;

    final DurableWish wish;
    final DurableInterest interest;
    final Queue queue;

    /// As its client was when it was last here.
    Principal owner;

    /// Whether its user is known no more.
    boolean revoked;

    /// Whether nothing is kept for it: its owner may not subscribe to that now.
    boolean suspended;

    /// The last one about it, if that is not answered yet.
    Questions<DurableSubscription>.@Nullable Question question;

    DurableSubscription(DurableWish wish, DurableInterest interest, Queue queue, Principal owner) {
        this.wish = wish;
        this.interest = interest;
        this.queue = queue;
        this.owner = owner;
    }

    /// What of a client is kept for as long as it is away: whatever rules ask about.
    static Principal owner(Principal client) {
        return new Principal(
                client.name(),
                client.local(),
                client.address(),
                client.roles(),
                length(client.claims()) > CLAIMS_LENGTH_MAX ? Map.of() : client.claims(),
                0,
                client.provedBy());
    }

    private static int length(Map<String, List<String>> claims) {
        int length = 0;
        for (var claim : claims.entrySet()) {
            length += claim.getKey().length();
            for (String value : claim.getValue()) {
                length += value.length();
            }
        }
        return length;
    }

    /// Whether that is known of the owner already; each connection has an address of its own.
    boolean isOf(Principal client) {
        return owner.roles().equals(client.roles())
                && owner.claims().equals(client.claims())
                && owner.local() == client.local()
                && owner.provedBy().equals(client.provedBy());
    }

    byte[] definition() {
        return new DurableDefinition(wish, owner).bytes();
    }
}
