package io.switchboard.bench;

import java.nio.ByteBuffer;

/// What a scanner finds in the bytes of one connection.
interface Inbound {
    /// A message of this run.
    ///
    /// @param at where its body, and so its stamp, begins
    void stamped(ByteBuffer bytes, int at);

    /// The same, out of a queue whose server says that it has delivered it before.
    void redelivered(ByteBuffer bytes, int at);

    /// The server has done what carried this receipt.
    void receipt(String id);

    /// A message of an earlier or another run.
    void foreign();

    /// A message that no run of this program sends.
    void bad();

    /// The server takes commands now.
    void ready();

    /// To be sent back as it is, in the protocol's own unit.
    void answer(byte[] protocol);

    /// To be sent back in a WebSocket pong.
    void pong(byte[] payload);

    /// The server said that it is over, or broke a rule.
    void failed(String reason);
}
