package io.switchboard.conformance;

/// An end of a WebSocket connection. Clients mask what they send and servers do not (RFC 6455
/// section 5.1).
enum Role {
    CLIENT,
    SERVER;

    boolean masks() {
        return this == CLIENT;
    }

    Role other() {
        return this == CLIENT ? SERVER : CLIENT;
    }
}
