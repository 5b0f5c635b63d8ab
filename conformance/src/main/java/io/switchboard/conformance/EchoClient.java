package io.switchboard.conformance;

import java.io.IOException;
import java.net.URI;

/// A client to be looked at: it connects, sends back every message as it is, text as text and
/// binary as binary, and returns, or fails, when the connection has ended.
@FunctionalInterface
interface EchoClient {
    void echo(URI uri) throws IOException;
}
