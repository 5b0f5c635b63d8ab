package io.switchboard.server.http;

import io.switchboard.websocket.HandshakeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Request heads for the tests of this package.
final class Requests {
    private Requests() {}

    /// @param headers names and values in turn
    static HandshakeRequest request(String method, String target, String... headers) {
        List<Map.Entry<String, String>> list = new ArrayList<>();
        for (int i = 0; i < headers.length; i += 2) {
            list.add(Map.entry(headers[i], headers[i + 1]));
        }
        return new HandshakeRequest(method, "HTTP/1.1", target, list, false);
    }

    static HandshakeRequest get(String target, String... headers) {
        String[] all = new String[headers.length + 2];
        all[0] = "Host";
        all[1] = "localhost:8080";
        System.arraycopy(headers, 0, all, 2, headers.length);
        return request("GET", target, all);
    }
}
