/// The program that embeds the server: it handles what clients send below `/app/`, hears of them
/// coming and going, and publishes.
///
/// ```java
/// ServerOptions.DEFAULT.withHandler(
///         "/app/rooms/{room}/say",
///         request -> request.publish("/topic/rooms/" + request.variable("room"), request.text()));
/// ```
///
/// **Threads.** [AppHandler] and [SessionListener] are called on virtual threads and may block. All
/// that concerns one client comes in order, one at a time; clients do not wait for each other.
///
/// **Bounds.** What a client has sent to handlers and they have not finished is bounded by its
/// credits (`commands-per-session`), and by `commands-per-shard` for all: past that it is not read.
/// A [Publisher] lets its callers wait when much is under way.
@NullMarked
package io.switchboard.server.app;

import org.jspecify.annotations.NullMarked;
