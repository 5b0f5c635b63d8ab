package io.switchboard.server;

/// How much a client may send; it is read no faster.
///
/// @param framesPerSecond STOMP frames, messages to an endpoint, WebSocket pings and pongs; 0 for
///   any number
/// @param bytesPerSecond as they came, or as a compressed message became; 0 for any number
public record Rate(int framesPerSecond, long bytesPerSecond) {
    public static final Rate UNLIMITED = new Rate(0, 0);

    public boolean limited() {
        return framesPerSecond > 0 || bytesPerSecond > 0;
    }

    public Rate withFramesPerSecond(int count) {
        return new Rate(count, bytesPerSecond);
    }

    public Rate withBytesPerSecond(long bytes) {
        return new Rate(framesPerSecond, bytes);
    }

    /// Of each the larger one.
    Rate orMore(Rate other) {
        return new Rate(
                framesPerSecond == 0 || other.framesPerSecond == 0
                        ? 0
                        : Math.max(framesPerSecond, other.framesPerSecond),
                bytesPerSecond == 0 || other.bytesPerSecond == 0
                        ? 0
                        : Math.max(bytesPerSecond, other.bytesPerSecond));
    }
}
