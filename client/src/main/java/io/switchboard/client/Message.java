package io.switchboard.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.stomp.StompHeaders;
import java.nio.ByteBuffer;

/// A MESSAGE that came on a subscription. Owns its bytes; read-only.
public record Message(StompHeaders headers, ByteBuffer body) {

    public Message {
        body = body.asReadOnlyBuffer();
    }

    /// Where it was published, which on a pattern subscription is more exact than the pattern.
    public String destination() {
        String destination = headers.get("destination");
        return destination == null ? "" : destination;
    }

    /// What a later subscription may go on after: `from:after=`. Empty if the server gave none.
    public String id() {
        String id = headers.get("message-id");
        return id == null ? "" : id;
    }

    /// The body as UTF-8.
    public String text() {
        return UTF_8.decode(body.duplicate()).toString();
    }
}
