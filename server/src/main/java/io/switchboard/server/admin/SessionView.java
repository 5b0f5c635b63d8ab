package io.switchboard.server.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an administrator sees of a session, or of a client that does not speak STOMP. Nothing of
/// what it sends or gets, nothing it has proved itself with, and no name of a temporary queue,
/// since whoever knows one may answer there.
///
/// @param user null before the CONNECT or without a name
/// @param listener that it came to: `http`, `tls`, `stomp`, `stomp-tls`
/// @param endpoint the path that it came to, of a client that does not speak STOMP; null for others
/// @param seconds since its connection, or request, began
/// @param bytesWaiting of messages and answers, for it to take
/// @param bytesHeld of what has come of it and is not complete
/// @param waits whether it is not read now
/// @param subscriptions how many
/// @param subscribed to what, the first of them; empty in a list of sessions
public record SessionView(
        String id,
        @Nullable String user,
        String address,
        String listener,
        @Nullable String endpoint,
        int shard,
        long seconds,
        long bytesWaiting,
        int bytesHeld,
        boolean waits,
        int subscriptions,
        List<Subscribed> subscribed) {
    /// So many subscriptions are shown.
    public static final int SUBSCRIBED_MAX = 100;

    /// @param id the client's
    public record Subscribed(String id, String destination) {}
}
