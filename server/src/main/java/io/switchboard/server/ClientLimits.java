package io.switchboard.server;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one client, one address or one user may take of what is there for all.
///
/// @param connectionsPerAddress connections, and WebSockets on streams of HTTP/2, at a time from
///   one address; 0 for any number
/// @param connectionsPerUser sessions at a time of one name; 0 for any number
/// @param inboundBytes memory of frames that have come in part, all clients together
/// @param rate of every client
/// @param rateByRole of clients that have one of these roles, in its place
/// @param ratePatience how long a client may go on without a pause while it is read no faster than
///   its rate, until it is disconnected; zero for ever
public record ClientLimits(
        int connectionsPerAddress,
        int connectionsPerUser,
        long inboundBytes,
        Rate rate,
        Map<String, Rate> rateByRole,
        Duration ratePatience) {
    public static final ClientLimits DEFAULT =
            new ClientLimits(
                    0,
                    0,
                    Runtime.getRuntime().maxMemory() / 100 * 10,
                    Rate.UNLIMITED,
                    Map.of(),
                    Duration.ofMinutes(1));

    public ClientLimits {
        rateByRole = Map.copyOf(rateByRole);
    }

    /// Whether anybody is held to a rate.
    public boolean anyRate() {
        return rate.limited() || rateByRole.values().stream().anyMatch(Rate::limited);
    }

    /// Of somebody who has these roles. Of several that are named the larger values count.
    public Rate rateOf(Set<String> roles) {
        Rate found = null;
        for (String role : roles) {
            found = more(found, rateByRole.get(role));
        }
        return found == null ? rate : found;
    }

    private static @Nullable Rate more(@Nullable Rate one, @Nullable Rate other) {
        return one == null || other == null ? (one == null ? other : one) : one.orMore(other);
    }

    public ClientLimits withConnections(int perAddress, int perUser) {
        return new ClientLimits(perAddress, perUser, inboundBytes, rate, rateByRole, ratePatience);
    }

    public ClientLimits withInboundBytes(long bytes) {
        return new ClientLimits(
                connectionsPerAddress, connectionsPerUser, bytes, rate, rateByRole, ratePatience);
    }

    public ClientLimits withRates(Rate general, Map<String, Rate> byRole, Duration patience) {
        return new ClientLimits(
                connectionsPerAddress, connectionsPerUser, inboundBytes, general, byRole, patience);
    }
}
