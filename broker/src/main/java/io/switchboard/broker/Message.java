package io.switchboard.broker;

/// What the broker routes. Immutable and shared: it owns its body, which nobody changes, and all
/// subscribers of all shards read the same one.
///
/// `epoch` and `sequence` are its place in its destination's order, given by the destination's home
/// shard; both are 0 until then.
public final class Message {
    private final String destination;
    private final Headers headers;
    private final byte[] body;
    private final boolean utf8;
    private final SendOptions options;
    private final long epoch;
    private final long sequence;

    private Message(
            String destination,
            Headers headers,
            byte[] body,
            boolean utf8,
            SendOptions options,
            long epoch,
            long sequence) {
        this.destination = destination;
        this.headers = headers;
        this.body = body;
        this.utf8 = utf8;
        this.options = options;
        this.epoch = epoch;
        this.sequence = sequence;
    }

    /// A message that has no place in an order yet.
    ///
    /// @param body given away by the caller, who must not change it any more
    /// @param utf8 whether the body is valid UTF-8, so that it may leave in a WebSocket text
    ///   message
    public static Message of(String destination, Headers headers, byte[] body, boolean utf8) {
        return new Message(destination, headers, body, utf8, SendOptions.DEFAULT, 0, 0);
    }

    /// A message as it was, out of a journal.
    ///
    /// @param body as in [#of(String, Headers, byte[], boolean)]
    public static Message restored(
            String destination,
            Headers headers,
            byte[] body,
            boolean utf8,
            SendOptions options,
            long epoch,
            long sequence) {
        return new Message(destination, headers, body, utf8, options, epoch, sequence);
    }

    /// The same message with other options.
    public Message with(SendOptions changed) {
        return new Message(destination, headers, body, utf8, changed, epoch, sequence);
    }

    /// The same message with other headers.
    public Message with(Headers changed) {
        return new Message(destination, changed, body, utf8, options, epoch, sequence);
    }

    /// The same message under its destination's canonical name.
    Message to(String name) {
        return name.equals(destination)
                ? this
                : new Message(name, headers, body, utf8, options, epoch, sequence);
    }

    Message at(long epoch, long sequence) {
        return new Message(destination, headers, body, utf8, options, epoch, sequence);
    }

    public String destination() {
        return destination;
    }

    public Headers headers() {
        return headers;
    }

    /// Shared and never changed: read only.
    public byte[] body() {
        return body;
    }

    public boolean utf8() {
        return utf8;
    }

    public SendOptions options() {
        return options;
    }

    public long epoch() {
        return epoch;
    }

    public long sequence() {
        return sequence;
    }

    /// Unique and opaque to clients: the destination's epoch and the place in its order.
    public String id() {
        return Base36.text(epoch) + '-' + sequence;
    }

    /// What it is charged with wherever bytes are bounded.
    public long cost() {
        return body.length + 64L * (headers.count() + 2);
    }
}
