package io.switchboard.server.transport;

import io.switchboard.server.http.HttpAnswer;
import io.switchboard.websocket.HandshakeRequest;
import java.util.concurrent.CompletionStage;

/// Answers plain HTTP requests. Called on an event loop, so it must not block.
@FunctionalInterface
public interface HttpService {
    /// @param address whose request it is, as logs have it
    CompletionStage<HttpAnswer> answer(HandshakeRequest request, String address);
}
