package io.switchboard.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// What the server has promised about messages of queues, and what it did: kept outside of it,
/// through all its lives. Safe for all threads.
///
/// A message is named by its body. Those of one transaction are **together**: all of them come, or
/// none.
final class QueueLedger {
    private final Set<String> promised = new HashSet<>();
    private final Map<String, Integer> came = new HashMap<>();
    private final Set<String> settled = new HashSet<>();
    private final List<List<String>> together = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private final Map<String, Set<String>> answers = new HashMap<>();

    /// Its SEND, or the COMMIT with it, had its RECEIPT.
    synchronized void promised(List<String> messages) {
        promised.addAll(messages);
    }

    /// They were sent in one transaction, whether or not it had a RECEIPT.
    synchronized void together(List<String> messages) {
        together.add(messages);
    }

    /// It was delivered.
    synchronized void came(String message) {
        came.merge(message, 1, Integer::sum);
        if (settled.contains(message)) {
            broken.add(message + " came again after its ACK had a RECEIPT");
        }
    }

    /// Its ACK, or the COMMIT with it, had its RECEIPT.
    synchronized void settled(String message) {
        settled.add(message);
    }

    /// Acknowledged in one transaction with the sending of an answer, each time another one: of all
    /// of them exactly one may ever come.
    synchronized void answered(String message, String answer) {
        answers.computeIfAbsent(message, it -> new HashSet<>()).add(answer);
    }

    synchronized int size() {
        return promised.size();
    }

    synchronized int settledCount() {
        return settled.size();
    }

    /// What did not hold, once all queues are empty.
    synchronized List<String> broken() {
        List<String> all = new ArrayList<>(broken);
        for (String message : new TreeSet<>(promised)) {
            if (!came.containsKey(message)) {
                all.add(message + " had a RECEIPT and never came");
            }
        }
        for (List<String> each : together) {
            long count = each.stream().filter(came::containsKey).count();
            if (count != 0 && count != each.size()) {
                all.add("of the transaction " + each + " came " + count);
            }
        }
        for (Map.Entry<String, Set<String>> entry : answers.entrySet()) {
            List<String> those = entry.getValue().stream().filter(came::containsKey).toList();
            if (those.size() != 1) {
                all.add(entry.getKey() + " was settled with the answers " + those);
            }
        }
        return all;
    }
}
