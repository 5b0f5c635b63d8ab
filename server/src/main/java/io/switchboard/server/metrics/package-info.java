/// What an operator can read about a running server.
@NullMarked
package io.switchboard.server.metrics;

import org.jspecify.annotations.NullMarked;
