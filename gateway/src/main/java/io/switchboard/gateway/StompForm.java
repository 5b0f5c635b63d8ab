package io.switchboard.gateway;

import io.switchboard.broker.Handover;
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
/// @param framing compression included
/// @param text whether a WebSocket client is to get text messages; a body that is not UTF-8 leaves
///   in a binary one all the same, since RFC 6455 makes a bad text message fatal
/// @param subscription null for a 1.0 subscription without id, whose messages name none
/// @param spelling how the subscriber calls its destinations; null where that is their name here
record StompForm(
        Framing framing,
        boolean text,
        StompVersion version,
        @Nullable String subscription,
        @Nullable Spelling spelling)
        implements WireForm {

    StompForm withText(boolean newText) {
        return new StompForm(framing, newText, version, subscription, spelling);
    }

    private String destination(Message message) {
        String name = message.destination();
        return spelling == null ? name : spelling.of(name);
    }

    @Override
    public int lengthMax(Message message, @Nullable Handover handover) {
        int payload = payloadMax(message, handover);
        return framing.lengthMax(payload);
    }

    private int payloadMax(Message message, @Nullable Handover handover) {
        Headers headers = message.headers();
        int length =
                StompEncoder.lengthMax(message.body().length)
                        + StompEncoder.lengthMax("destination", destination(message))
                        + ID_LENGTH_MAX;
        if (subscription != null) {
            length += StompEncoder.lengthMax("subscription", subscription);
        }
        if (handover != null) {
            length += HANDOVER_LENGTH_MAX;
        }
        for (int i = 0; i < headers.count(); i++) {
            length += StompEncoder.lengthMax(headers.name(i), headers.value(i));
        }
        return length;
    }

    /// `message-id:`, 13 digits of an epoch in base 36, a hyphen, 19 of a sequence, the line end.
    private static final int ID_LENGTH_MAX = 11 + 13 + 1 + 19 + 1;

    /// `ack:` with two numbers, `redelivered:true`, `delivery-count:` and `timestamp:` with one
    /// each, `snapshot:true`.
    private static final int HANDOVER_LENGTH_MAX = 4 + 39 + 1 + 17 + 15 + 11 + 10 + 20 + 2 + 14;

    @Override
    public void encode(Message message, @Nullable Handover handover, ByteBuffer out) {
        FramePlace place = FramePlace.open(out, framing, payloadMax(message, handover));
        StompEncoder encoder = StompEncoder.on(out, version).command(StompCommand.MESSAGE);
        if (subscription != null) {
            encoder.header("subscription", subscription);
        }
        encoder.header("message-id", message.id()).header("destination", destination(message));
        if (handover != null) {
            put(handover, encoder);
        }
        Headers headers = message.headers();
        for (int i = 0; i < headers.count(); i++) {
            encoder.header(headers.name(i), headers.value(i));
        }
        encoder.body(message.body());
        boolean asText = text && message.utf8();
        if (framing.compresses(message.destination())) {
            place.closeCompressed(out, framing, asText);
        } else {
            place.close(out, framing, asText);
        }
    }

    /// STOMP 1.2, MESSAGE: `ack` where an ACK is expected; earlier versions name the message id.
    private void put(Handover handover, StompEncoder encoder) {
        if (handover.ack() != null && version == StompVersion.V1_2) {
            encoder.header("ack", handover.ack());
        }
        if (handover.redelivered()) {
            encoder.header("redelivered", "true");
            encoder.header("delivery-count", Integer.toString(handover.deliveryCount()));
        }
        if (handover.snapshot()) {
            encoder.header("snapshot", "true");
        }
        encoder.header("timestamp", Long.toString(handover.timestampMillis()));
    }
}
