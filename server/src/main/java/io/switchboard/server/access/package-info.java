/// Access rules while the server runs.
@NullMarked
package io.switchboard.server.access;

import org.jspecify.annotations.NullMarked;
