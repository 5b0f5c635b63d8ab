/// What the server answers to plain HTTP requests, and which requests it answers at all. No sockets
/// and no threads in here.
@NullMarked
package io.switchboard.server.http;

import org.jspecify.annotations.NullMarked;
