package io.switchboard.server.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.broker.SendOptions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Publishes as the program that embeds the server: anywhere, as the access rules are for clients.
/// From any thread.
///
/// Each future completes when a client's RECEIPT would come, or fails with a
/// [PublishRefusedException] where a client would get an ERROR. What depends on it runs on a
/// virtual thread. What one thread publishes to one destination keeps its order.
///
/// What is not complete is bounded, 16 MiB for the whole program: a caller that finds no room waits
/// for some, except on an event loop (in a listener of an endpoint), where the future fails with an
/// [IllegalStateException] instead.
public interface Publisher {
    /// @param destination a topic or queue, or one of a user: `/user/{name}/queue/…`
    /// @param headers what the subscribers get beside what the server sets; within the limits of a
    ///   client's SEND, like the body
    /// @param body copied
    /// @throws IllegalArgumentException if a header or the body could not be a client's
    CompletableFuture<Void> publish(
            String destination, Map<String, String> headers, byte[] body, SendOptions options);

    default CompletableFuture<Void> publish(
            String destination, Map<String, String> headers, byte[] body) {
        return publish(destination, headers, body, SendOptions.DEFAULT);
    }

    /// As UTF-8, with a `content-type` that says so.
    default CompletableFuture<Void> publish(String destination, String text) {
        return publish(destination, ProgramPublisher.TEXT, text.getBytes(UTF_8));
    }

    /// To all sessions of a user.
    ///
    /// @param user as in its login, with whatever characters it has
    /// @param destination as they subscribe to it, without `/user`: `/queue/…` or `/topic/…`
    default CompletableFuture<Void> publishToUser(
            String user, String destination, Map<String, String> headers, byte[] body) {
        return publish(ProgramPublisher.ofUser(user, destination), headers, body);
    }

    /// As UTF-8, with a `content-type` that says so.
    default CompletableFuture<Void> publishToUser(String user, String destination, String text) {
        return publish(ProgramPublisher.ofUser(user, destination), text);
    }
}
