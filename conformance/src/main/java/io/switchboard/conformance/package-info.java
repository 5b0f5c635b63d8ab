/// A conformance suite for WebSocket (RFC 6455), compression (RFC 7692) and WebSocket over HTTP/2
/// (RFC 8441). It looks at a server or a client from outside, over sockets, and shares no code with
/// what it judges: its frames are written and read by a few lines of its own.
///
/// A server is asked at an echo endpoint, a client is one that sends back every message. What both
/// must do with frames is written down once ([Conversation]) and asked of either.
@NullMarked
package io.switchboard.conformance;

import org.jspecify.annotations.NullMarked;
