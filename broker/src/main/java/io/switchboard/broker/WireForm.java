package io.switchboard.broker;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// How a group of subscriptions wants its bytes: framing, text or binary, protocol version,
/// subscription id. Subscriptions with equal forms share one encoding of each message.
/// Implementations compare by value and are immutable.
public interface WireForm {
    /// An upper bound of what [#encode] puts for this message, in bytes.
    ///
    /// @param handover null for a message that is not one subscriber's alone
    int lengthMax(Message message, @Nullable Handover handover);

    /// Puts the whole message, framing included, at the buffer's position.
    void encode(Message message, @Nullable Handover handover, ByteBuffer out);
}
