/// The server's certificate: an operator's own, or the one it makes for development.
@NullMarked
package io.switchboard.server.tls;

import org.jspecify.annotations.NullMarked;
