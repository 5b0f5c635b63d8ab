package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Session;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a session itself has to say, put behind all that waits for its client. Each frame is one
/// WebSocket message where there are messages, and never compressed.
///
/// @param text whether the client gets text messages
record ServerFrames(Session session, Framing framing, boolean text, StompVersion version) {

    void connected(String server, String heartBeat, Opening asked) {
        List<String> headers = new ArrayList<>();
        headers.addAll(List.of("version", version.text(), "session", session.id()));
        headers.addAll(List.of("server", server, "heart-beat", heartBeat));
        String user = session.user();
        if (user != null) {
            headers.addAll(List.of("user-name", user));
        }
        if (asked.requestId() != null) {
            headers.addAll(List.of("response-id", asked.requestId()));
        }
        if (asked.softErrors()) {
            headers.addAll(List.of("soft-errors", "true"));
        }
        send(new StompFrame(StompCommand.CONNECTED, headers(headers)));
    }

    void receipt(String receipt) {
        receipt(receipt, null);
    }

    /// @param recovered whether a subscription got all of the past that it asked for; null where
    ///   that is not the question
    void receipt(String receipt, @Nullable Boolean recovered) {
        String told = String.valueOf(recovered);
        int payloadMax =
                StompEncoder.lengthMax(0)
                        + StompEncoder.lengthMax("receipt-id", receipt)
                        + StompEncoder.lengthMax("recovered", told);
        session.send(
                framing.lengthMax(payloadMax),
                out -> {
                    FramePlace place = FramePlace.open(out, framing, payloadMax);
                    StompEncoder encoder =
                            StompEncoder.on(out, version)
                                    .command(StompCommand.RECEIPT)
                                    .header("receipt-id", receipt);
                    if (recovered != null) {
                        encoder.header("recovered", told);
                    }
                    encoder.end();
                    place.close(out, framing, text);
                });
    }

    /// @param detail what was expected, what came, what to do
    /// @param receipt of the frame that caused it, or null
    /// @param subscription that the frame named, where the connection goes on; or null
    void error(
            Disconnect why,
            String detail,
            @Nullable String receipt,
            @Nullable String subscription) {
        List<String> headers = new ArrayList<>(List.of("message", why.text()));
        if (receipt != null) {
            headers.addAll(List.of("receipt-id", receipt));
        }
        if (subscription != null) {
            headers.addAll(List.of("subscription", subscription));
        }
        if (why == Disconnect.NO_COMMON_VERSION) {
            headers.addAll(List.of("version", StompVersion.SUPPORTED));
        }
        headers.addAll(List.of("content-type", "text/plain;charset=utf-8"));
        ByteBuffer body = ByteBuffer.wrap(detail.getBytes(StandardCharsets.UTF_8));
        send(new StompFrame(StompCommand.ERROR, headers(headers), body));
    }

    /// STOMP 1.2, Heart-beating: one line end, alone in its message.
    void heartBeat() {
        session.send(
                framing.headerLength(1) + 1,
                out -> {
                    framing.putHeader(out, text, false, 1);
                    out.put((byte) '\n');
                });
    }

    private void send(StompFrame frame) {
        int payloadMax = StompEncoder.lengthMax(frame);
        session.send(
                framing.lengthMax(payloadMax),
                out -> {
                    FramePlace place = FramePlace.open(out, framing, payloadMax);
                    StompEncoder.on(out, version)
                            .command(frame.command())
                            .headers(frame.headers())
                            .body(frame.body());
                    place.close(out, framing, text);
                });
    }

    private static StompHeaders headers(List<String> namesAndValues) {
        return StompHeaders.of(namesAndValues.toArray(new String[0]));
    }
}
