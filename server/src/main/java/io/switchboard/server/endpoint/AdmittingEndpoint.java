package io.switchboard.server.endpoint;

import io.switchboard.websocket.HandshakeRequest;
import java.util.List;

/// Another endpoint, for whom it is not for itself to say.
record AdmittingEndpoint(Endpoint endpoint, Endpoint.Admission admission) implements Endpoint {
    @Override
    public WebSocketListener open(HandshakeRequest request, WebSocket socket) {
        return endpoint.open(request, socket);
    }

    @Override
    public List<String> subprotocols() {
        return endpoint.subprotocols();
    }
}
