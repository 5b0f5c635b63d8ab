package io.switchboard.broker;

/// What happens to a message for a subscriber whose outbound queue is full.
public enum Overflow {
    /// The subscriber's session ends with [Disconnect#SLOW_CONSUMER].
    DISCONNECT("disconnect"),
    /// Its oldest waiting messages of that destination make room.
    DROP_OLDEST("drop-oldest"),
    /// The new message is not queued.
    DROP_NEWEST("drop-newest"),
    /// Of what waits for it and its socket has not taken, each key of that destination has its
    /// latest message only ([Conflation]); what is still too much makes room as with
    /// [#DROP_OLDEST].
    CONFLATE("conflate");

    private final String text;

    Overflow(String text) {
        this.text = text;
    }

    /// As the configuration spells it.
    public String text() {
        return text;
    }
}
