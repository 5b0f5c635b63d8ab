/// Shards, destinations, sessions, subscriptions, access rules and outbound queues. Pure: no
/// socket, file, thread, logger, clock or random source; commands and time come in as arguments,
/// bytes and events go out through the ports [io.switchboard.broker.Loop],
/// [io.switchboard.broker.Wire] and [io.switchboard.broker.SessionEvents].
@org.jspecify.annotations.NullMarked
module io.switchboard.broker {
    requires static org.jspecify;

    exports io.switchboard.broker;
}
