package io.switchboard.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.switchboard.stomp.StompCommand;
import java.util.ArrayList;
import java.util.List;

/// STOMP 1.2 with a queue.
///
/// @param prefetch messages that a consumer may hold unacknowledged; 0 for the server's default
record QueueDialect(Stomp stomp, AckMode ack, boolean persistent, boolean receipts, int prefetch)
        implements Dialect {

    /// The receipt of every SUBSCRIBE.
    static final String SUBSCRIBED = "subscribed";

    private static final byte[] RECEIPT = "\nreceipt:".getBytes(US_ASCII);

    @Override
    public List<String> subprotocols() {
        return stomp.subprotocols();
    }

    @Override
    public String destinations() {
        return "/queue/bench.%d";
    }

    @Override
    public byte[] connect() {
        return stomp.connect();
    }

    @Override
    public byte[] subscribe(String destination) {
        List<String> headers = new ArrayList<>(List.of("id", "0", "destination", destination));
        headers.addAll(List.of("ack", ack.header, "receipt", SUBSCRIBED));
        if (prefetch > 0) {
            headers.addAll(List.of("prefetch-count", Integer.toString(prefetch)));
        }
        return Stomp.bytes(StompCommand.SUBSCRIBE, headers, new byte[0]);
    }

    @Override
    public Template message(String destination, int bodyLength) {
        List<String> headers = new ArrayList<>();
        if (receipts) {
            headers.addAll(List.of("receipt", "0".repeat(ReceiptId.LENGTH)));
        }
        headers.addAll(List.of("destination", destination));
        headers.addAll(List.of("persistent", Boolean.toString(persistent)));
        byte[] bytes = Stomp.bytes(StompCommand.SEND, headers, Dialect.body(bodyLength));
        // The first header stands right behind the command.
        int receiptAt = StompCommand.SEND.name().length() + RECEIPT.length;
        return new Template(bytes, bytes.length - 1 - bodyLength, receipts ? receiptAt : -1);
    }

    @Override
    public StreamScanner scanner(int bodyLength, int mark, Inbound inbound) {
        return new QueueScanner(bodyLength, mark, ack, inbound);
    }

    /// For logs: no passcode.
    @Override
    public String toString() {
        return "STOMP with a queue";
    }
}
