package io.switchboard.broker;

import java.util.ArrayList;
import java.util.List;

/// Why a message was given up, and how it reads among the dead letters.
enum DeadLetter {
    REJECTED("rejected"),
    TOO_MANY_DELIVERIES("max-deliveries"),
    EXPIRED("expired");

    /// Where dead letters go that no policy sends elsewhere.
    static final String DESTINATION = "/queue/dead-letters";

    static final String REASON = "dead-letter-reason";
    static final String ORIGINAL_DESTINATION = "original-destination";
    static final String DELIVERIES = "original-delivery-count";

    private final String reason;

    DeadLetter(String reason) {
        this.reason = reason;
    }

    /// The message as it goes to the dead letters: with the reason, where it came from and how
    /// often it had been delivered. It does not expire there.
    Message of(Message message, int deliveryCount, String destination) {
        Headers headers = message.headers();
        List<String> all = new ArrayList<>(2 * headers.count() + 6);
        all.addAll(List.of(REASON, reason, ORIGINAL_DESTINATION, message.destination()));
        all.addAll(List.of(DELIVERIES, Integer.toString(deliveryCount)));
        for (int i = 0; i < headers.count(); i++) {
            String name = headers.name(i);
            if (!name.equals(REASON)
                    && !name.equals(ORIGINAL_DESTINATION)
                    && !name.equals(DELIVERIES)) {
                all.add(name);
                all.add(headers.value(i));
            }
        }
        SendOptions options = message.options();
        return message.to(destination)
                .with(Headers.of(all.toArray(new String[0])))
                .with(new SendOptions(options.persistent(), options.priority(), 0, 0, 0));
    }
}
