package io.switchboard.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The results that are kept in the repository.
final class Recorded {
    private static final String RECORD = "conformance.record";

    private Recorded() {}

    static List<String> lines(String file) throws IOException {
        return Files.readAllLines(Path.of("results", file), UTF_8);
    }

    static void compare(String file, List<Result> results) throws IOException {
        Path path = Path.of("results", file);
        List<String> now = results.stream().map(Result::line).toList();
        if (Boolean.getBoolean(RECORD)) {
            Files.write(path, now, UTF_8);
        }
        List<String> recorded = lines(file);
        assertThat(Result.differences(recorded, now))
                .as(
                        """
                        Differences to conformance/results/%s (+ now, - recorded). If they are meant:
                        mvn -pl conformance -am test -D%s=true
                        and commit the file. What was seen: %s
                        """,
                        file, RECORD, seen(results))
                .isEmpty();
    }

    private static List<String> seen(List<Result> results) {
        return results.stream()
                .filter(result -> result.verdict() != Verdict.PASS)
                .map(Result::report)
                .toList();
    }
}
