package io.switchboard.cli;

import io.switchboard.cli.RawStomp.Frame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/// A subscriber that acknowledges whatever comes, each with a receipt, until the server is gone. A
/// message is named by the first word of its body.
final class Taker implements AutoCloseable {
    /// The name of a message behind which there is nothing; the ledger does not hear of it.
    static final String LAST = "last";

    /// Called by one thread.
    interface Ledger {
        void came(String name, Frame message);

        /// Its ACK had its RECEIPT.
        void settled(String name);
    }

    final RawStomp stomp;

    /// The SUBSCRIBE had its RECEIPT.
    final CompletableFuture<Void> subscribed = new CompletableFuture<>();

    /// So many last messages as were to come have come, and everything is settled.
    final CompletableFuture<Void> empty = new CompletableFuture<>();

    private final Semaphore receipts;
    private final Ledger ledger;
    private final AtomicLong ids = new AtomicLong();

    // The reader's.
    private final Map<String, String> underWay = new HashMap<>();
    private int lasts;

    /// @param lasts how many last messages are to come
    /// @param clientId empty for none
    /// @param headers of the SUBSCRIBE, each `name:value`
    Taker(
            int port,
            Semaphore receipts,
            Ledger ledger,
            int lasts,
            String clientId,
            String... headers)
            throws IOException {
        this.receipts = receipts;
        this.ledger = ledger;
        this.lasts = lasts;
        String[] connect =
                clientId.isEmpty() ? new String[0] : new String[] {"client-id:" + clientId};
        stomp = new RawStomp(port, this::on, connect);
        List<String> subscribe = new ArrayList<>(List.of("SUBSCRIBE", "ack:client-individual"));
        subscribe.addAll(List.of("prefetch-count:50", "receipt:subscribed"));
        subscribe.addAll(List.of(headers));
        stomp.say(String.join("\n", subscribe) + "\n\n");
    }

    private void on(Frame frame) {
        switch (frame.command()) {
            case "MESSAGE" -> take(frame);
            case "RECEIPT" -> {
                if (frame.header("receipt-id").equals("subscribed")) {
                    subscribed.complete(null);
                } else {
                    settled(underWay.remove(frame.header("receipt-id")));
                }
            }
            default -> {}
        }
    }

    private void take(Frame frame) {
        String name = frame.body().split(" ", 2)[0];
        if (name.equals(LAST)) {
            lasts--;
        } else {
            ledger.came(name, frame);
        }
        String receipt = "a" + ids.incrementAndGet();
        underWay.put(receipt, name);
        stomp.say("ACK\nid:" + frame.header("ack") + "\nreceipt:" + receipt + "\n\n");
    }

    private void settled(String name) {
        if (!name.equals(LAST)) {
            ledger.settled(name);
            receipts.release();
        }
        if (lasts == 0 && underWay.isEmpty()) {
            empty.complete(null);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stomp.awaitEnd();
    }
}
