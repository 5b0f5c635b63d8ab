package io.switchboard.testkit;

/// Two ends joined by an in-memory wire, for tests in which both sides of a protocol talk to each
/// other: what one writes into its [Pipe] the other reads from it, cut as the test likes.
///
/// ```
/// Pair wire = new Pair();
/// wire.toServer().write(client.send(frame, clock.nanos()));
/// server.receive(wire.toServer().read(3), clock.nanos());
/// ```
public record Pair(Pipe toServer, Pipe toClient) {
    public Pair() {
        this(new Pipe(), new Pipe());
    }

    /// Both directions with the window of a small socket buffer.
    public static Pair withWindow(int window) {
        return new Pair(new Pipe(window), new Pipe(window));
    }

    /// Nothing is under way in either direction.
    public boolean quiet() {
        return toServer.unread() == 0 && toClient.unread() == 0;
    }
}
