package io.switchboard.conformance;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What came of one case.
record Result(String id, Level level, String rule, Outcome outcome) {
    static Result of(Case<?> asked, Outcome outcome) {
        return new Result(asked.id(), asked.level(), asked.rule(), outcome);
    }

    Verdict verdict() {
        return outcome.verdict();
    }

    /// As it is kept: what was found differs from one server to the next, and may from one run to
    /// the next.
    String line() {
        return "%-15s %-7s %-15s %s".formatted(id, level, verdict().text(), rule);
    }

    /// For whoever looks at it.
    String report() {
        return line() + (verdict() == Verdict.PASS ? "" : "  [" + outcome.found() + "]");
    }

    static String summary(List<Result> results) {
        Map<Verdict, Long> counts = new EnumMap<>(Verdict.class);
        for (Verdict each : Verdict.values()) {
            counts.put(each, 0L);
        }
        results.forEach(result -> counts.merge(result.verdict(), 1L, Long::sum));
        return results.size()
                + " cases: "
                + counts.entrySet().stream()
                        .map(count -> count.getValue() + " " + count.getKey().text())
                        .collect(Collectors.joining(", "));
    }

    /// Lines that one has and the other has not, with a sign in front.
    static List<String> differences(List<String> recorded, List<String> now) {
        Map<String, String> before = new LinkedHashMap<>();
        recorded.forEach(line -> before.put(line, line));
        List<String> differences = new ArrayList<>();
        for (String line : now) {
            if (before.remove(line) == null) {
                differences.add("+ " + line);
            }
        }
        before.keySet().forEach(line -> differences.add("- " + line));
        return differences;
    }
}
