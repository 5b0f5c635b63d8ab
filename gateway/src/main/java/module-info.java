/// STOMP sessions: frames to the broker's commands, messages to frames, receipts, errors and
/// heart-beats. Pure, like what it stands on.
@org.jspecify.annotations.NullMarked
module io.switchboard.gateway {
    requires static org.jspecify;
    requires transitive io.switchboard.broker;
    requires transitive io.switchboard.stomp;

    exports io.switchboard.gateway;
}
