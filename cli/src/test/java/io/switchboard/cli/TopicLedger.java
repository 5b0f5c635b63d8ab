package io.switchboard.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// What was published to topics through all lives of the server: in which order, and what of it had
/// a receipt. Safe for all threads.
///
/// A message is named by its producer and a number that rises, `p3.17`.
final class TopicLedger {
    private final Map<String, Published> published = new LinkedHashMap<>();
    private final Set<String> promised = new HashSet<>();
    private final List<List<String>> together = new ArrayList<>();
    private final Map<String, String> ids = new HashMap<>();
    private final List<String> broken = new ArrayList<>();

    /// @param turn in which it was sent, of all
    private record Published(String topic, long turn) {}

    /// Is about to be sent.
    synchronized void sending(String name, String topic) {
        published.put(name, new Published(topic, published.size()));
    }

    /// They are sent in one transaction.
    synchronized void together(List<String> names) {
        together.add(names);
    }

    synchronized void promised(List<String> names) {
        promised.addAll(names);
    }

    /// What is sent from now on has this turn or a later one.
    synchronized long turn() {
        return published.size();
    }

    /// Whoever gets it, whenever and how often: it has one id.
    synchronized void came(String name, String id) {
        String before = ids.putIfAbsent(name, id);
        if (before != null && !before.equals(id)) {
            broken.add(name + " had the ids " + before + " and " + id);
        }
    }

    synchronized int size() {
        return promised.size();
    }

    synchronized List<String> broken() {
        List<String> all = new ArrayList<>(broken);
        if (new HashSet<>(ids.values()).size() != ids.size()) {
            all.add("two messages had the same id");
        }
        return all;
    }

    /// What somebody who got these, in this order, should have got and has not, or not so.
    ///
    /// @param topics that are theirs
    /// @param since the first turn of which they should have everything
    synchronized List<String> wrongWith(List<String> names, Predicate<String> topics, long since) {
        List<String> wrong = new ArrayList<>();
        Set<String> came = new HashSet<>();
        Map<String, Integer> latest = new HashMap<>();
        for (String name : names) {
            String topic = published.get(name).topic();
            int dot = name.indexOf('.');
            int number = Integer.parseInt(name.substring(dot + 1));
            Integer before = latest.put(topic + ' ' + name.substring(0, dot), number);
            if (!came.add(name)) {
                wrong.add(name + " is there twice");
            } else if (before != null && before > number) {
                wrong.add(name + " is behind number " + before);
            }
        }
        published.forEach((name, it) -> {
            boolean owed = it.turn() >= since && topics.test(it.topic());
            if (owed && promised.contains(name) && !came.contains(name)) {
                wrong.add(name + " had a RECEIPT and is not there");
            }
        });
        for (List<String> each : together) {
            List<String> theirs =
                    each.stream()
                            .filter(it -> published.get(it).turn() >= since)
                            .filter(it -> topics.test(published.get(it).topic()))
                            .toList();
            long count = theirs.stream().filter(came::contains).count();
            if (count != 0 && count != theirs.size()) {
                wrong.add("of the transaction " + theirs + " there are " + count);
            }
        }
        return wrong;
    }
}
