/// The server for embedding: its options, and the parts that are made from them.
@NullMarked
package io.switchboard.server;

import org.jspecify.annotations.NullMarked;
