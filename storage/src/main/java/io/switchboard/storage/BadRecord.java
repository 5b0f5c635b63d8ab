package io.switchboard.storage;

/// Stored bytes that are whole, as their checksum says, and yet not what this version writes.
final class BadRecord extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadRecord(String message) {
        super(message);
    }
}
