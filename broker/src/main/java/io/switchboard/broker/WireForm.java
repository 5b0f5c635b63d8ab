package io.switchboard.broker;

import java.nio.ByteBuffer;

/// How a group of subscriptions wants its bytes: framing, text or binary, protocol version,
/// subscription id. Subscriptions with equal forms share one encoding of each message.
/// Implementations compare by value and are immutable.
public interface WireForm {
    /// An upper bound of what [#encode] puts for this message, in bytes.
    int lengthMax(Message message);

    /// Puts the whole message, framing included, at the buffer's position.
    void encode(Message message, ByteBuffer out);
}
