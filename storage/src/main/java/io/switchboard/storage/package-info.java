/// The durable [io.switchboard.broker.Journal], on RocksDB: what is stored where, how it is
/// written, read back, examined and repaired.
@NullMarked
package io.switchboard.storage;

import org.jspecify.annotations.NullMarked;
