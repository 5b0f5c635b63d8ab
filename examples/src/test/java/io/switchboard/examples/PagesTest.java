package io.switchboard.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What must hold for the pages as files: the server sends them with the policy `default-src
/// 'self'`, and a browser that keeps it would silently leave out whatever breaks it.
final class PagesTest {
    private static final Path PAGES = pages();
    private static final Pattern LOADED =
            Pattern.compile("<(?:script|link|img)\\b[^>]*?\\b(?:src|href)=\"([^\"]+)\"");
    private static final Pattern IMPORTED = Pattern.compile("from \"([^\"]+)\"");

    @ParameterizedTest
    @MethodSource("html")
    void everythingAPageLoadsIsHereAndNowhereElse(Path page) throws IOException {
        var loaded = LOADED.matcher(Files.readString(page)).results().map(it -> it.group(1));

        assertThat(loaded)
                .isNotEmpty()
                .allSatisfy(it -> assertThat(resolve(page, it)).isRegularFile());
    }

    @ParameterizedTest
    @MethodSource("html")
    void noPageHasAnInlineScriptStyleOrHandler(Path page) throws IOException {
        assertThat(Files.readString(page))
                .doesNotContainPattern("<script(?![^>]*\\bsrc=)")
                .doesNotContainPattern("<style\\b")
                .doesNotContainPattern("<[^>]*\\s(?:style|on[a-z]+)=");
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void noScriptMakesMarkupFromText(Path script) throws IOException {
        String source = Files.readString(script);

        assertThat(source)
                .doesNotContainPattern(
                        "innerHTML|outerHTML|insertAdjacentHTML|document.write|eval\\(");
        assertThat(IMPORTED.matcher(source).results().map(it -> it.group(1)))
                .allSatisfy(it -> assertThat(resolve(script, it)).isRegularFile());
    }

    @Test
    void whatOthersWroteIsAsPublished() throws Exception {
        Path folder = PAGES.resolve("vendor/stompjs-7.5.0");
        List<String> sums = Files.readAllLines(folder.resolve("SHA256SUMS"));

        assertThat(sums).hasSize(2);
        for (String line : sums) {
            String[] parts = line.split(" +");
            byte[] content = Files.readAllBytes(folder.resolve(parts[1]));
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            assertThat(HexFormat.of().formatHex(digest)).as(parts[1]).isEqualTo(parts[0]);
        }
    }

    static Stream<Path> html() throws IOException {
        return files(".html");
    }

    static Stream<Path> scripts() throws IOException {
        return files(".js").filter(it -> !it.startsWith(PAGES.resolve("vendor")));
    }

    private static Stream<Path> files(String ending) throws IOException {
        try (var all = Files.walk(PAGES)) {
            return all.filter(it -> it.toString().endsWith(ending)).toList().stream();
        }
    }

    private static Path resolve(Path from, String reference) {
        return reference.startsWith("/")
                ? PAGES.resolve(reference.substring(1))
                : from.resolveSibling(reference);
    }

    private static Path pages() {
        try {
            var index = PagesTest.class.getResource("/META-INF/switchboard/pages/index.html");
            return Path.of(index.toURI()).getParent();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
