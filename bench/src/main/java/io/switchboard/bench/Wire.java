package io.switchboard.bench;

import io.netty.buffer.ByteBuf;

/// How what a [LoadConnection] says reaches the server.
interface Wire {
    /// Takes the bytes over; they leave in this turn.
    ///
    /// @return false if the server takes so little that the run makes no sense any more
    boolean send(ByteBuf bytes);

    void close();
}
