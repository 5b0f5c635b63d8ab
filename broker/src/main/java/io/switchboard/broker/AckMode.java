package io.switchboard.broker;

/// How a subscriber says that it is done with a message (STOMP 1.2, SUBSCRIBE ack Header).
public enum AckMode {
    /// Not at all: a message counts as consumed when it has been given to the socket.
    AUTO,
    /// One ACK or NACK settles all messages that the subscription got before it, and it.
    CLIENT,
    /// One ACK or NACK settles one message.
    CLIENT_INDIVIDUAL
}
