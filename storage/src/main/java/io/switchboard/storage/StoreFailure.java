package io.switchboard.storage;

import org.jspecify.annotations.Nullable;

/// Why the stored messages cannot be used, for the operator: one line that says what, where, and
/// what to do.
public final class StoreFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoreFailure(String message) {
        super(message);
    }

    StoreFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
