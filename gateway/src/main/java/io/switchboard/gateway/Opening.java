package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.DurableLimits;
import io.switchboard.stomp.HeartBeat;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompVersion;
import org.jspecify.annotations.Nullable;

/// What a CONNECT asks for and what of it is settled before the access rules are asked (STOMP 1.2,
/// Connecting and Protocol Negotiation).
///
/// @param heartBeat the client's offer
/// @param requestId that the answer is to carry, or null
/// @param clientId what the client is called beyond this connection, or null
/// @param softErrors whether a refused frame is to leave the connection open
record Opening(
        StompVersion version,
        HeartBeat heartBeat,
        @Nullable String requestId,
        @Nullable String clientId,
        boolean softErrors) {

    /// @param subprotocol the version that the WebSocket handshake settled, or null
    static Opening read(StompHeaders headers, @Nullable StompVersion subprotocol) {
        String accept = headers.get("accept-version");
        StompVersion negotiated = StompVersion.negotiate(accept).orElse(null);
        if (negotiated == null) {
            throw new RefusedFrame(
                    Disconnect.NO_COMMON_VERSION,
                    "expected one of " + StompVersion.SUPPORTED + " but was " + accept);
        }
        if (subprotocol != null && accept != null && !accepts(accept, subprotocol)) {
            throw new RefusedFrame(
                    Disconnect.NO_COMMON_VERSION,
                    "expected accept-version to hold the "
                            + subprotocol.text()
                            + " that the WebSocket handshake settled as "
                            + subprotocol.subprotocol()
                            + " but was "
                            + accept);
        }
        HeartBeat heartBeat = HeartBeat.parse(headers.get("heart-beat"));
        if (heartBeat == null) {
            throw new HeaderValue("heart-beat", String.valueOf(headers.get("heart-beat")))
                    .bad("two whole numbers of milliseconds with one comma");
        }
        String clientId = filled(headers.get("client-id"));
        String soft = headers.get("soft-errors");
        return new Opening(
                negotiated,
                heartBeat,
                headers.get("request-id"),
                clientId == null
                        ? null
                        : new HeaderValue("client-id", clientId)
                                .text(DurableLimits.NAME_LENGTH_MAX),
                soft != null && new HeaderValue("soft-errors", soft).flag());
    }

    /// What the same CONNECT says about its client. Passed on and not kept, since it is secret.
    static Identities.Login login(String session, StompHeaders headers) {
        return new Identities.Login(
                session,
                filled(headers.get("login")),
                filled(headers.get("passcode")),
                filled(headers.get("Authorization")));
    }

    private static @Nullable String filled(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value;
    }

    private static boolean accepts(String acceptVersion, StompVersion version) {
        for (String offered : acceptVersion.split(",", -1)) {
            if (offered.strip().equals(version.text())) {
                return true;
            }
        }
        return false;
    }
}
