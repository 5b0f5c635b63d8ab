package io.switchboard.server.transport;

import io.switchboard.gateway.GatewayOptions;
import io.switchboard.server.ClientLimits;
import io.switchboard.server.CompressionOptions;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.auth.AuditLines;
import io.switchboard.server.auth.Logins;
import io.switchboard.server.http.TrustedProxies;
import io.switchboard.websocket.PermessageDeflate;
import io.switchboard.websocket.WebSocketLimits;
import org.jspecify.annotations.Nullable;

/// What holds for every connection of the server, in the units of its handlers.
///
/// @param endpointWaitingMax bytes that may wait for a client of a raw endpoint
/// @param headTimeoutNanos from accept to the end of the first HTTP request's head
/// @param pingAfterNanos a WebSocket peer that was silent for so long is pinged, and given up after
///   three such periods
/// @param stallNanos a client of a raw endpoint that took nothing for so long, while its socket was
///   full, is cut off
/// @param closeTimeoutNanos how long a WebSocket peer may take to answer our Close
/// @param lingerNanos how long a connection is still read after our last byte, so that what the
///   peer sent meanwhile does not reset the connection before it has read that
/// @param compression that clients may have; null for none
/// @param proxies whose word is taken for whom they speak
/// @param logins who looks at what clients show for themselves; null where everybody is believed
/// @param perUser sessions, shared by all listeners, as are the next
/// @param perAddress connections
/// @param auditLines about handshakes that are refused
record Terms(
        GatewayOptions gateway,
        WebSocketLimits webSocket,
        int endpointWaitingMax,
        int httpHeadBytes,
        long headTimeoutNanos,
        long pingAfterNanos,
        long stallNanos,
        long closeTimeoutNanos,
        long lingerNanos,
        @Nullable PermessageDeflate compression,
        TrustedProxies proxies,
        @Nullable Logins logins,
        ClientLimits clients,
        PlacesPer perUser,
        PlacesPer perAddress,
        AuditLines auditLines) {
    /// Of `ping-after`: as long as until a silent peer is given up.
    private static final int STALL_PERIODS = 3;

    private static final long LINGER_NANOS = 2_000_000_000L;

    static Terms of(
            ServerLimits limits,
            GatewayOptions gateway,
            CompressionOptions compression,
            TrustedProxies proxies,
            @Nullable Logins logins) {
        return new Terms(
                gateway,
                limits.webSocket(),
                limits.broker().outboundBytesPerSession(),
                limits.httpHeadBytes(),
                limits.connectTimeout().toNanos(),
                limits.pingAfter().toNanos(),
                STALL_PERIODS * limits.pingAfter().toNanos(),
                limits.closeTimeout().toNanos(),
                Math.min(LINGER_NANOS, limits.closeTimeout().toNanos()),
                compression.allowed(),
                proxies,
                logins,
                limits.clients(),
                new PlacesPer(limits.clients().connectionsPerUser()),
                new PlacesPer(limits.clients().connectionsPerAddress()),
                new AuditLines(System::nanoTime));
    }
}
