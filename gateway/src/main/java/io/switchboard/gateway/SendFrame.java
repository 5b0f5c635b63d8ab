package io.switchboard.gateway;

import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A SEND, read in one pass over its headers: what is for the broker, and what travels on.
///
/// @param destination null where it is missing
/// @param transaction null where it is in none
/// @param headers what the subscribers get: of a repeated header the first, none of those that only
///   the server may set, none that belong to the frame itself
record SendFrame(
        @Nullable String destination,
        @Nullable String receipt,
        @Nullable String transaction,
        Headers headers) {

    static SendFrame read(StompHeaders from) {
        String destination = null;
        String receipt = null;
        String transaction = null;
        int count = from.size();
        String[] kept = new String[2 * count];
        int length = 0;
        for (int i = 0; i < count; i++) {
            String name = from.name(i);
            switch (name) {
                case "destination" ->
                        destination = destination == null ? from.value(i) : destination;
                case "receipt" -> receipt = receipt == null ? from.value(i) : receipt;
                case "transaction" ->
                        transaction = transaction == null ? from.value(i) : transaction;
                case "content-length" -> {}
                default -> {
                    if (!onlyTheServerSets(name) && !holds(kept, length, name)) {
                        kept[length++] = name;
                        kept[length++] = from.value(i);
                    }
                }
            }
        }
        Headers headers = length == 0 ? Headers.NONE : Headers.of(Arrays.copyOf(kept, length));
        return new SendFrame(destination, receipt, transaction, headers);
    }

    /// Looks at the name without what stands around its letters: stompjs trims names, so that what
    /// has a space here would be the server's own there.
    private static boolean onlyTheServerSets(String name) {
        int from = 0;
        int to = name.length();
        while (from < to && !Character.isLetterOrDigit(name.charAt(from))) {
            from++;
        }
        while (to > from && !Character.isLetterOrDigit(name.charAt(to - 1))) {
            to--;
        }
        return switch (name.substring(from, to)) {
            case "message-id",
                    "subscription",
                    "ack",
                    "redelivered",
                    "delivery-count",
                    "user-name",
                    "timestamp",
                    "snapshot" ->
                    true;
            default -> false;
        };
    }

    private static boolean holds(String[] names, int length, String name) {
        for (int i = 0; i < length; i += 2) {
            if (names[i].equals(name)) {
                return true;
            }
        }
        return false;
    }

    /// Copies the body: the only time on its way that it is.
    ///
    /// @param vouched whether the body came in WebSocket text messages, so that it is UTF-8
    Message message(String to, StompFrame frame, boolean vouched) {
        ByteBuffer view = frame.body();
        byte[] body = new byte[view.remaining()];
        view.get(view.position(), body);
        return Message.of(to, headers, body, vouched || Utf8.valid(body));
    }
}
