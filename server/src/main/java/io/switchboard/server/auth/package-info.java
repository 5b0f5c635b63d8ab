/// Who a client is: what it shows for itself at its handshake and in its CONNECT, and who looks at
/// that. [Authenticator] is for programs that embed the server.
@NullMarked
package io.switchboard.server.auth;

import org.jspecify.annotations.NullMarked;
