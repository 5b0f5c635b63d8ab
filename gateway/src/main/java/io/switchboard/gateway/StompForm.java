package io.switchboard.gateway;

import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.WireForm;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompVersion;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// How the MESSAGE frames of a subscription look on its wire. Most browsers use the same
/// subscription ids, so one form, and one encoding of each message, serves thousands.
///
/// @param text whether a WebSocket client is to get text messages; a body that is not UTF-8 leaves
///   in a binary one all the same, since RFC 6455 makes a bad text message fatal
/// @param subscription null for a 1.0 subscription without id, whose messages name none
record StompForm(Framing framing, boolean text, StompVersion version, @Nullable String subscription)
        implements WireForm {

    StompForm withText(boolean newText) {
        return new StompForm(framing, newText, version, subscription);
    }

    @Override
    public int lengthMax(Message message) {
        int payload = payloadMax(message);
        return framing.headerLength(payload) + payload;
    }

    private int payloadMax(Message message) {
        Headers headers = message.headers();
        int length =
                StompEncoder.lengthMax(message.body().length)
                        + StompEncoder.lengthMax("destination", message.destination())
                        + ID_LENGTH_MAX;
        if (subscription != null) {
            length += StompEncoder.lengthMax("subscription", subscription);
        }
        for (int i = 0; i < headers.count(); i++) {
            length += StompEncoder.lengthMax(headers.name(i), headers.value(i));
        }
        return length;
    }

    /// `message-id:`, 13 digits of an epoch in base 36, a hyphen, 19 of a sequence, the line end.
    private static final int ID_LENGTH_MAX = 11 + 13 + 1 + 19 + 1;

    @Override
    public void encode(Message message, ByteBuffer out) {
        FramePlace place = FramePlace.open(out, framing, payloadMax(message));
        StompEncoder encoder = StompEncoder.on(out, version).command(StompCommand.MESSAGE);
        if (subscription != null) {
            encoder.header("subscription", subscription);
        }
        encoder.header("message-id", message.id()).header("destination", message.destination());
        Headers headers = message.headers();
        for (int i = 0; i < headers.count(); i++) {
            encoder.header(headers.name(i), headers.value(i));
        }
        encoder.body(message.body());
        place.close(out, framing, text && message.utf8());
    }
}
