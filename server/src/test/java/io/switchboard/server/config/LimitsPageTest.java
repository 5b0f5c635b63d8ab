package io.switchboard.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.gateway.LimitSetting;
import io.switchboard.server.ServerOptions;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// LIMITS.md says what the code does: its defaults, its keys, its constants and its tests.
class LimitsPageTest {
    private static final String TEST_NAME = "[A-Z][A-Za-z0-9]*Test(\\.[A-Za-z0-9_]+)?";

    private static final Path ROOT = Path.of("..");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
    private static final List<String> PACKAGES =
            List.of(
                    "server.transport",
                    "server.app",
                    "server.auth",
                    "server.admin",
                    "server",
                    "websocket",
                    "gateway",
                    "stomp",
                    "storage",
                    "broker");

    /// What a destination's own rules are called in an ERROR.
    private static final String POLICY = "destinations.<pattern>.";

    private record Row(String what, String value, String setting, String past, String tests) {
        boolean fixed() {
            return setting.startsWith("fixed: ");
        }

        boolean configured() {
            return setting.startsWith("`");
        }

        String settingName() {
            return quoted(setting).getFirst();
        }
    }

    private static List<String> quoted(String cell) {
        return QUOTED.matcher(cell).results().map(it -> it.group(1)).toList();
    }

    private static String page() throws Exception {
        return Files.readString(ROOT.resolve("LIMITS.md"));
    }

    /// Of the tables with six columns, which are the server's.
    private static List<Row> rows() throws Exception {
        List<Row> rows = new ArrayList<>();
        for (String line : page().lines().toList()) {
            String[] cells = line.split(" *\\| *", -1);
            if (cells.length == 8 && !cells[1].equals("what") && !cells[1].startsWith("--")) {
                String value = quoted(cells[2]).getFirst();
                rows.add(new Row(cells[1], value, cells[3], cells[4], cells[6]));
            }
        }
        assertThat(rows).hasSizeGreaterThan(30);
        return rows;
    }

    private static Map<String, Setting> settings() {
        Map<String, Setting> settings = new TreeMap<>();
        Setting.ALL.forEach(it -> settings.put(it.key(), it));
        LimitKeys.ALL.forEach(it -> settings.put("limits." + it.key(), it));
        AuthKeys.ALL.forEach(it -> settings.put("auth." + it.key(), it));
        return settings;
    }

    @Test
    void everyDefaultIsTheCodes() throws Exception {
        for (Row row : rows()) {
            if (row.configured()) {
                Draft draft = new Draft();
                settings().get(row.settingName()).apply(draft, Value.of(row.value));
                assertThat(draft.options()).as(row.what).isEqualTo(ServerOptions.DEFAULT);
            }
        }
    }

    @Test
    void everyLimitOfTheConfigurationIsThere() throws Exception {
        List<String> named = rows().stream().filter(Row::configured).map(Row::settingName).toList();
        assertThat(named)
                .containsAll(LimitKeys.ALL.stream().map(it -> "limits." + it.key()).toList());
        assertThat(settings()).containsKeys(named.toArray(String[]::new));
    }

    @Test
    void everyConstantIsTheCodes() throws Exception {
        for (Row row : rows()) {
            if (row.fixed()) {
                String[] place = row.settingName().split("\\.");
                assertThat(parsed(row.value, place[1]))
                        .as(row.what)
                        .isEqualTo(constant(place[0], place[1]));
            }
        }
    }

    private static long parsed(String value, String constant) {
        if (constant.endsWith("_NANOS")) {
            return Value.of(value).duration().toNanos();
        }
        return constant.endsWith("_MILLIS")
                ? Value.of(value).duration().toMillis()
                : Value.of(value).size(Long.MAX_VALUE);
    }

    private static long constant(String type, String name) throws Exception {
        for (String each : PACKAGES) {
            Class<?> found;
            try {
                found = Class.forName("io.switchboard." + each + "." + type);
            } catch (ClassNotFoundException elsewhere) {
                continue;
            }
            Field field = found.getDeclaredField(name);
            field.setAccessible(true);
            return ((Number) field.get(null)).longValue();
        }
        throw new AssertionError("no class " + type);
    }

    @Test
    void everyTestIsThere() throws Exception {
        Map<String, String> sources = testSources();
        List<String> missing = new ArrayList<>();
        List<String> named =
                page().lines()
                        .filter(it -> it.startsWith("| "))
                        .map(it -> it.substring(it.lastIndexOf('|', it.length() - 2)))
                        .flatMap(it -> quoted(it).stream())
                        .toList();
        for (String each : named) {
            String[] place = each.split("\\.");
            if (!sources.getOrDefault(place[0], "").contains(" void " + place[1] + "(")) {
                missing.add(each);
            }
        }
        assertThat(named).hasSizeGreaterThan(50);
        assertThat(missing).isEmpty();
    }

    /// SECURITY.md, which says of each attack how it is guarded against, names tests too.
    @Test
    void everyTestOfTheSecurityPageIsThere() throws Exception {
        Map<String, String> sources = testSources();
        String security = Files.readString(ROOT.resolve("SECURITY.md"));
        List<String> named = quoted(security).stream().filter(it -> it.matches(TEST_NAME)).toList();
        List<String> missing = new ArrayList<>();
        for (String each : named) {
            String[] place = each.split("\\.");
            String source = sources.getOrDefault(place[0], "");
            if (source.isEmpty()
                    || place.length > 1 && !source.contains(" void " + place[1] + "(")) {
                missing.add(each);
            }
        }
        assertThat(named).hasSizeGreaterThan(50);
        assertThat(missing).isEmpty();
    }

    /// A row is an attack and how it is guarded against; its last column says where that is shown.
    @Test
    void everyGuardOfTheSecurityPageNamesItsTest() throws Exception {
        String security = Files.readString(ROOT.resolve("SECURITY.md"));
        String guarded =
                security.substring(
                        security.indexOf("## What is guarded, and where"),
                        security.indexOf("## What is not guarded"));
        List<String> rows =
                guarded.lines()
                        .filter(it -> it.startsWith("| "))
                        .filter(it -> !it.startsWith("| attack |") && !it.startsWith("| ---"))
                        .toList();
        List<String> unshown =
                rows.stream()
                        .filter(it ->
                                quoted(it.substring(it.lastIndexOf('|', it.length() - 2))).stream()
                                        .noneMatch(name -> name.matches(TEST_NAME)))
                        .toList();
        assertThat(rows).hasSizeGreaterThan(50);
        assertThat(unshown).isEmpty();
    }

    /// By class; classes of the same name in several modules are taken together.
    private static Map<String, String> testSources() throws Exception {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.toList()) {
                Path tests = module.resolve(Path.of("src", "test", "java"));
                if (!Files.isDirectory(tests)) {
                    continue;
                }
                try (Stream<Path> files = Files.walk(tests)) {
                    for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
                        String name = file.getFileName().toString().replace(".java", "");
                        sources.merge(name, Files.readString(file), String::concat);
                    }
                }
            }
        }
        return sources;
    }

    /// What an ERROR names can be set.
    @ParameterizedTest
    @EnumSource(LimitSetting.class)
    void whatAnErrorNamesIsThere(LimitSetting named) throws Exception {
        if (named.key().startsWith(POLICY)) {
            String key = named.key().substring(POLICY.length());
            assertThat(rows()).anyMatch(it -> (it.what + it.past).contains("`" + key + "`"));
            return;
        }
        assertThat(settings()).containsKey(named.key());
        assertThat(rows()).anyMatch(it -> it.setting.equals("`" + named.key() + "`"));
    }
}
