package io.switchboard.stomp;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A version of the protocol, as answers to the questions in which the versions differ.
public enum StompVersion {
    V1_0("1.0", "v10.stomp"),
    V1_1("1.1", "v11.stomp"),
    V1_2("1.2", "v12.stomp");

    /// What an ERROR to a client without a common version lists (STOMP 1.2, Protocol Negotiation).
    public static final String SUPPORTED = "1.0,1.1,1.2";

    private final String text;
    private final String subprotocol;

    StompVersion(String text, String subprotocol) {
        this.text = text;
        this.subprotocol = subprotocol;
    }

    /// The version as `accept-version` and `version` spell it.
    public String text() {
        return text;
    }

    /// The WebSocket subprotocol of this version.
    public String subprotocol() {
        return subprotocol;
    }

    /// The highest version that both sides know, whatever the order of the list is and whatever
    /// else stands in it. No header at all means 1.0 (STOMP 1.2, Protocol Negotiation).
    public static Optional<StompVersion> negotiate(@Nullable String acceptVersion) {
        if (acceptVersion == null) {
            return Optional.of(V1_0);
        }
        StompVersion highest = null;
        for (String offered : acceptVersion.split(",", -1)) {
            StompVersion known = of(offered.strip());
            if (known != null && (highest == null || known.compareTo(highest) > 0)) {
                highest = known;
            }
        }
        return Optional.ofNullable(highest);
    }

    /// The version of a `version` header, or null when it is none of ours.
    public static @Nullable StompVersion of(String text) {
        return switch (text) {
            case "1.0" -> V1_0;
            case "1.1" -> V1_1;
            case "1.2" -> V1_2;
            default -> null;
        };
    }

    /// The version in which a frame that settles the version is itself written, as far as padding
    /// and stray bodies go. Null when it names none of ours, or is no such frame.
    static @Nullable StompVersion announcedBy(StompCommand command, StompHeaders headers) {
        if (command.opensSession()) {
            return negotiate(headers.get("accept-version")).orElse(null);
        }
        if (command == StompCommand.CONNECTED) {
            String announced = headers.get("version");
            return announced == null ? V1_0 : of(announced.strip());
        }
        return null;
    }

    public static @Nullable StompVersion ofSubprotocol(String subprotocol) {
        return switch (subprotocol) {
            case "v10.stomp" -> V1_0;
            case "v11.stomp" -> V1_1;
            case "v12.stomp" -> V1_2;
            default -> null;
        };
    }

    /// May one CR before the LF be part of the line end? Otherwise it belongs to the line's text.
    public boolean crEndsLine() {
        return this == V1_2;
    }

    /// Are names and values escaped at all?
    public boolean escapes() {
        return this != V1_0;
    }

    /// Is CR written as `\r`? A 1.1 receiver would have to refuse that pair.
    public boolean escapesCr() {
        return this == V1_2;
    }

    /// Are spaces around a header value padding? 1.0's own examples pad; from 1.1 on they count.
    public boolean trimsValues() {
        return this == V1_0;
    }

    /// Does the session have heart-beats?
    public boolean heartbeats() {
        return this != V1_0;
    }

    /// Is a body that is not allowed a violation?
    public boolean strayBodyRefused() {
        return this != V1_0;
    }

    /// 1.0 has neither NACK nor STOMP.
    public boolean knows(StompCommand command) {
        return this != V1_0 || (command != StompCommand.NACK && command != StompCommand.STOMP);
    }

    /// Does `ack:client-individual` exist?
    public boolean acksIndividually() {
        return this != V1_0;
    }

    /// Does a MESSAGE on an acknowledged subscription carry `ack`, which ACK and NACK name as `id`?
    public boolean acksById() {
        return this == V1_2;
    }

    /// The headers without which a frame is refused, as far as the text decides alone: a 1.0
    /// UNSUBSCRIBE needs `id` or `destination`, and a missing `host` stands for the default host,
    /// as with every broker that was measured.
    public List<String> requiredHeaders(StompCommand command) {
        return switch (command) {
            case CONNECT, STOMP, DISCONNECT, ERROR -> List.of();
            case CONNECTED -> this == V1_0 ? List.of() : List.of("version");
            case SEND -> List.of("destination");
            case SUBSCRIBE -> this == V1_0 ? List.of("destination") : List.of("destination", "id");
            case UNSUBSCRIBE -> this == V1_0 ? List.of() : List.of("id");
            case BEGIN, COMMIT, ABORT -> List.of("transaction");
            case ACK, NACK ->
                    switch (this) {
                        case V1_0 -> List.of("message-id");
                        case V1_1 -> List.of("message-id", "subscription");
                        case V1_2 -> List.of("id");
                    };
            case MESSAGE ->
                    this == V1_0
                            ? List.of("destination", "message-id")
                            : List.of("destination", "message-id", "subscription");
            case RECEIPT -> List.of("receipt-id");
        };
    }

    @Override
    public String toString() {
        return "STOMP " + text;
    }
}
