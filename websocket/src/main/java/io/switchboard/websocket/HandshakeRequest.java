package io.switchboard.websocket;

import java.util.List;
import java.util.Map;

/// The head of an HTTP/1 request, as some HTTP codec has taken it apart, for [ServerHandshake] to
/// judge.
///
/// @param version as on the wire: `HTTP/1.1`
/// @param target as on the wire
/// @param headers each field line in the order of the wire, values without the white space around
/// @param hasBody whether content follows the head
public record HandshakeRequest(
        String method,
        String version,
        String target,
        List<Map.Entry<String, String>> headers,
        boolean hasBody) {

    public HandshakeRequest {
        headers = List.copyOf(headers);
    }
}
