package io.switchboard.broker;

/// The broker's view of one connection's socket. Called on the connection's shard only.
public interface Wire {
    /// False while the socket's own buffer is full; [Session#writable] tells when it is not.
    boolean writable();

    /// Takes a reference of its own to these bytes and writes them at the next [#flush].
    void write(Slab slab, int offset, int length);

    void flush();
}
