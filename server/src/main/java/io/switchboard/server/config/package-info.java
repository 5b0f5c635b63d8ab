/// From what an operator writes, in a file and in flags, to the server's options.
@NullMarked
package io.switchboard.server.config;

import org.jspecify.annotations.NullMarked;
