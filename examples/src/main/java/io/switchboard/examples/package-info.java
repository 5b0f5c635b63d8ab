/// Small programs around a server, to start from.
@NullMarked
package io.switchboard.examples;

import org.jspecify.annotations.NullMarked;
