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

    /// As it is kept: with the reason where it could not be asked for, and else without what was
    /// found, which differs from one server to the next, and may from one run to the next.
    String line() {
        String line = "%-15s %-7s %-15s %s".formatted(id, level, verdict().text(), rule);
        return verdict() == Verdict.NOT_APPLICABLE ? line + seen() : line;
    }

    private String seen() {
        return "  [" + outcome.found() + "]";
    }

    /// For whoever looks at it.
    String report() {
        return switch (verdict()) {
            case PASS, NOT_APPLICABLE -> line();
            case NON_STRICT, FAIL -> line() + seen();
        };
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
