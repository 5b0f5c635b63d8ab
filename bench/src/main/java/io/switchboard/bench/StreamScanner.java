package io.switchboard.bench;

import java.nio.ByteBuffer;

/// Reads a protocol's units out of a stream of bytes.
interface StreamScanner {
    /// Takes the whole units that lie between these places.
    ///
    /// @return where the first unit begins that is not whole; `to` when there is none
    int scan(ByteBuffer bytes, int from, int to);
}
