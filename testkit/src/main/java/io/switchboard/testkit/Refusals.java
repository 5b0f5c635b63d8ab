package io.switchboard.testkit;

/// Which refusals a client of a history may meet.
///
/// @param client who was refused something
record Refusals(Terms terms, Conversation client) {
    boolean expected(String reason) {
        return switch (reason) {
            case "ACCESS_DENIED" -> client.refusalDue;
            case "BAD_DESTINATION",
                    "DUPLICATE_SUBSCRIPTION",
                    "DUPLICATE_TRANSACTION",
                    "BAD_SELECTOR",
                    "UNSUPPORTED" ->
                    client.mistakeMade;
            case "UNKNOWN_SUBSCRIPTION" ->
                    client.mistakeMade || client.history.stream().anyMatch(wish -> wish.refused);
            case "TOO_MANY_SUBSCRIPTIONS" ->
                    client.history.size() + (client.mistakeMade ? 1 : 0)
                            > terms.limits().subscriptionsPerSession();
            case "TOO_MANY_DESTINATIONS" ->
                    terms.limits().destinations() / terms.shards() < Names.WISH_COUNT * 2;
            case "SLOW_CONSUMER", "OUTBOUND_MEMORY" -> !terms.generous();
            case "HEARTBEAT_MISSED" -> client.silent;
            case "CONNECT_TIMEOUT" -> client.connectLate;
            default -> terms.queues() && expectedOfQueues(reason);
        };
    }

    private boolean expectedOfQueues(String reason) {
        return switch (reason) {
            case "QUEUE_FULL" -> true;
            case "QUEUE_MEMORY" -> terms.limits().queues().bytes() < 1 << 20;
            case "TRANSACTION_MEMORY" -> terms.limits().queues().transactionBytes() < 1 << 20;
            case "TOO_MANY_DELAYED" -> terms.limits().queues().delayed() < 1_000;
            case "STORE_FULL", "STORE_FAILED" -> terms.journal() == SimulatedJournal.Temper.FAILING;
            case "UNKNOWN_DELIVERY" -> client.mistakeMade || client.deliveryMayBeUnknown;
            case "UNKNOWN_TRANSACTION" -> client.mistakeMade || client.transactionMayBeUnknown;
            case "TOO_MANY_TRANSACTIONS" -> terms.limits().queues().transactionsPerSession() < 16;
            case "TRANSACTION_TOO_LARGE" ->
                    terms.limits().queues().framesPerTransaction() < 1_000
                            || terms.limits().queues().bytesPerTransaction() < 1 << 20;
            default -> false;
        };
    }
}
