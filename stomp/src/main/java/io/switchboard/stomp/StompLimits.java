package io.switchboard.stomp;

/// The bounds of one connection's inbound side. Each holds before the frame is complete and before
/// anything is allocated for it (STOMP 1.2, Size Limits).
///
/// @param headerCountMax headers of one frame
/// @param headerBytesMax command line, header lines and the empty line of one frame
/// @param bodyLengthMax body of one frame
/// @param beforeConnectedMax everything that is read before the version is settled, line ends too
public record StompLimits(
        int headerCountMax, int headerBytesMax, int bodyLengthMax, int beforeConnectedMax) {

    public static final StompLimits DEFAULT =
            new StompLimits(64, 16 * 1024, 1024 * 1024, 16 * 1024);

    public StompLimits {
        if (headerCountMax < 0 || headerBytesMax < 1 || bodyLengthMax < 0) {
            throw new IllegalArgumentException("limits must be positive");
        }
        if (beforeConnectedMax < 1) {
            throw new IllegalArgumentException("beforeConnectedMax must be positive");
        }
        if (bodyLengthMax > Integer.MAX_VALUE - 64) {
            throw new IllegalArgumentException("bodyLengthMax does not fit an array");
        }
    }

    public StompLimits withHeaderCountMax(int count) {
        return new StompLimits(count, headerBytesMax, bodyLengthMax, beforeConnectedMax);
    }

    public StompLimits withHeaderBytesMax(int length) {
        return new StompLimits(headerCountMax, length, bodyLengthMax, beforeConnectedMax);
    }

    public StompLimits withBodyLengthMax(int length) {
        return new StompLimits(headerCountMax, headerBytesMax, length, beforeConnectedMax);
    }

    public StompLimits withBeforeConnectedMax(int length) {
        return new StompLimits(headerCountMax, headerBytesMax, bodyLengthMax, length);
    }
}
