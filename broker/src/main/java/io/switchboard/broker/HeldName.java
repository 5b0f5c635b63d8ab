package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// Which of the messages that a consumer holds: by the tag under which it was handed over, or by
/// the place of the message.
///
/// @param tag 0 where it is named by the message
public record HeldName(long tag, long epoch, long sequence) {

    /// Reads a message id as [Message#id] writes it; null if it is none.
    static @Nullable HeldName ofMessage(String messageId) {
        int hyphen = messageId.indexOf('-');
        if (hyphen < 1 || hyphen == messageId.length() - 1) {
            return null;
        }
        try {
            long epoch = Long.parseUnsignedLong(messageId, 0, hyphen, 36);
            long sequence = Long.parseLong(messageId, hyphen + 1, messageId.length(), 10);
            return new HeldName(0, epoch, sequence);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    static HeldName ofTag(long tag) {
        return new HeldName(tag, 0, 0);
    }
}
