import org.jspecify.annotations.NullMarked;

/// STOMP 1.0, 1.1 and 1.2 as a state machine over bytes, for both sides of the wire. No sockets,
/// threads or clocks: bytes and the time come in as arguments, events go out as return values.
@NullMarked
module io.switchboard.stomp {
    requires static org.jspecify;

    exports io.switchboard.stomp;
}
