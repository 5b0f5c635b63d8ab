package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompLimits;
import io.switchboard.stomp.StompVersion;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// STOMP frames of a queue's consumer or producer, all through the full decoder, since the `ack` of
/// each message must be read anyway. Acknowledges everything that comes, also what another run has
/// left behind: with `client-individual` each message, with `client` the last of those that came
/// together. The acknowledgements of one turn leave in one write.
final class QueueScanner implements StreamScanner {
    private final int bodyLength;
    private final int mark;
    private final AckMode ack;
    private final Inbound inbound;
    private final StompConnection decoder = StompConnection.client(StompLimits.DEFAULT);
    private @Nullable String lastAck;

    QueueScanner(int bodyLength, int mark, AckMode ack, Inbound inbound) {
        this.bodyLength = bodyLength;
        this.mark = mark;
        this.ack = ack;
        this.inbound = inbound;
    }

    /// The decoder keeps what is not whole, so nothing is left to hold here.
    @Override
    public int scan(ByteBuffer bytes, int from, int to) {
        decoder.receive(bytes.slice(from, to - from), 0);
        StompEvent event = decoder.next();
        while (!(event instanceof StompEvent.NeedBytes)) {
            switch (event) {
                case StompEvent.FrameReceived(StompFrame frame) -> on(frame);
                case StompEvent.Violation violation -> {
                    inbound.failed(
                            "the server broke the STOMP protocol: "
                                    + violation.rule()
                                    + " but was "
                                    + violation.found());
                    return to;
                }
                case StompEvent.HeartbeatReceived _ -> {}
                case StompEvent.HeartbeatDue _ -> {}
                case StompEvent.PeerOverdue _ -> {}
                case StompEvent.PeerSilent _ -> {}
                case StompEvent.NothingDue _ -> {}
                case StompEvent.NeedBytes _ -> {}
            }
            event = decoder.next();
        }
        if (lastAck != null && ack == AckMode.CLIENT) {
            acknowledge(lastAck);
            lastAck = null;
        }
        return to;
    }

    private void on(StompFrame frame) {
        switch (frame.command()) {
            case CONNECTED -> {
                if (StompVersion.V1_2.text().equals(frame.headers().get("version"))) {
                    decoder.version(StompVersion.V1_2);
                    inbound.ready();
                } else {
                    inbound.failed(
                            "expected CONNECTED with version 1.2 but was " + frame.headers());
                }
            }
            case MESSAGE -> message(frame);
            case RECEIPT -> inbound.receipt(frame.headers().get("receipt-id") + "");
            case ERROR -> {
                String text = UTF_8.decode(frame.body()).toString().strip();
                inbound.failed("ERROR " + frame.headers().get("message") + ": " + text);
            }
            case CONNECT,
                    STOMP,
                    SEND,
                    SUBSCRIBE,
                    UNSUBSCRIBE,
                    BEGIN,
                    COMMIT,
                    ABORT,
                    ACK,
                    NACK,
                    DISCONNECT ->
                    inbound.failed("the server sent " + frame.command());
        }
    }

    private void message(StompFrame frame) {
        if (ack != AckMode.AUTO) {
            lastAck = frame.headers().get("ack");
            if (lastAck == null) {
                inbound.failed("a MESSAGE without the ack header that STOMP 1.2 asks for");
                return;
            }
            if (ack == AckMode.CLIENT_INDIVIDUAL) {
                acknowledge(lastAck);
            }
        }
        ByteBuffer body = frame.body();
        int at = body.position();
        if (body.remaining() < Stamp.LENGTH || body.get(at) != 'B') {
            inbound.bad();
        } else if ((int) Stamp.INTS.get(body, at) != mark) {
            inbound.foreign();
        } else if (body.remaining() != bodyLength) {
            inbound.bad();
        } else if ("true".equals(frame.headers().get("redelivered"))) {
            inbound.redelivered(body, at);
        } else {
            inbound.stamped(body, at);
        }
    }

    private void acknowledge(String id) {
        StompFrame frame = new StompFrame(StompCommand.ACK, StompHeaders.of("id", id));
        ByteBuffer encoded = StompEncoder.encode(frame, StompVersion.V1_2);
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        inbound.answer(bytes);
    }
}
