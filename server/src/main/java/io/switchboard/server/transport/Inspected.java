package io.switchboard.server.transport;

import io.switchboard.server.admin.SessionQuery;
import io.switchboard.server.admin.SessionView;
import org.jspecify.annotations.Nullable;

/// A client that administrators see and may disconnect. Called on its event loop.
interface Inspected {
    SocketHandler socket();

    String id();

    /// Null before it is known, or without a name.
    @Nullable String user();

    String address();

    /// Whether it has not ended yet.
    boolean serving();

    /// @param subscribedMax so many of its subscriptions are named
    SessionView view(int subscribedMax);

    default boolean matches(SessionQuery query) {
        return query.matches(id(), user(), address());
    }
}
