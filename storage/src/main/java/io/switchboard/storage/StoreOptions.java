package io.switchboard.storage;

/// What an operator may choose about stored messages.
///
/// @param reserveBytes with less than this free on the disk nothing more is stored; what removes
///   messages is, down to a quarter of it
public record StoreOptions(long reserveBytes) {
    public static final StoreOptions DEFAULT = new StoreOptions(64L << 20);

    public StoreOptions {
        if (reserveBytes < 0) {
            throw new IllegalArgumentException("a reserve of " + reserveBytes + " bytes");
        }
    }
}
