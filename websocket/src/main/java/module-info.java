import org.jspecify.annotations.NullMarked;

/// RFC 6455 as a state machine over bytes: both sides of the wire, no sockets, threads or clocks.
/// [io.switchboard.websocket] says how it works.
@NullMarked
module io.switchboard.websocket {
    requires static org.jspecify;

    exports io.switchboard.websocket;
}
