package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// docs/websocket-rules.md leaves out no rule, and what it says about tests is so.
class WebSocketRulesPageTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ROW = Pattern.compile("\\| ([A-Z][0-9]+) \\|.*\\| (.*) \\|");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final Pattern TEST = Pattern.compile("void ((?:[A-K][0-9]+_)+[A-Za-z0-9]+)\\(");
    private static final Pattern ID = Pattern.compile("\\G([A-K][0-9]+)_");

    /// The tests of each rule, in the order of the page.
    private static Map<String, List<String>> rules() throws Exception {
        Map<String, List<String>> rules = new LinkedHashMap<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/websocket-rules.md"))) {
            var row = ROW.matcher(line);
            if (row.matches()) {
                List<String> tests =
                        QUOTED.matcher(row.group(2)).results().map(it -> it.group(1)).toList();
                assertThat(rules.put(row.group(1), tests)).as(row.group(1)).isNull();
                assertThat(tests).as(row.group(1)).isNotEmpty();
            }
        }
        return rules;
    }

    /// By class; classes of the same name in several modules are taken together.
    private static Map<String, String> testSources() throws Exception {
        Map<String, String> sources = new TreeMap<>();
        for (String module : List.of("websocket", "server")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
                    String name = file.getFileName().toString().replace(".java", "");
                    sources.merge(name, Files.readString(file), String::concat);
                }
            }
        }
        return sources;
    }

    @ParameterizedTest
    @CsvSource({
        "A, 27", "B, 10", "C, 6", "D, 5", "E, 17", "F, 11", "G, 10", "H, 14", "I, 11", "J, 13",
        "K, 5"
    })
    void everyRuleOfASectionIsThereOnceAndInOrder(String section, int count) throws Exception {
        assertThat(rules().keySet().stream().filter(it -> it.startsWith(section)))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, count).mapToObj(it -> section + it).toList());
    }

    @Test
    void everyTestThatIsNamedIsThere() throws Exception {
        Map<String, String> sources = testSources();
        List<String> missing = new ArrayList<>();
        for (List<String> tests : rules().values()) {
            for (String each : tests) {
                String[] place = each.split("\\.");
                if (!sources.getOrDefault(place[0], "").contains(" void " + place[1] + "(")) {
                    missing.add(each);
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyTestThatIsNamedForARuleStandsBesideIt() throws Exception {
        Map<String, List<String>> rules = rules();
        List<String> lost = new ArrayList<>();
        for (var source : testSources().entrySet()) {
            if (source.getKey().endsWith("RulesTest")) {
                TEST.matcher(source.getValue())
                        .results()
                        .forEach(test -> {
                            String name = source.getKey() + "." + test.group(1);
                            ID.matcher(test.group(1))
                                    .results()
                                    .forEach(id -> {
                                        if (!rules.getOrDefault(id.group(1), List.of())
                                                .contains(name)) {
                                            lost.add(id.group(1) + ": " + name);
                                        }
                                    });
                        });
            }
        }
        assertThat(lost).isEmpty();
    }
}
