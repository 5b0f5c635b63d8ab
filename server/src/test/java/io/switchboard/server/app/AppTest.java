package io.switchboard.server.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppTest {
    private static final AppHandler FIRST = request -> {};
    private static final AppHandler SECOND = request -> request.text();
    private static final AppHandler THIRD = request -> request.body();

    private static AppHandler handler(App app, String destination) {
        App.Match match = app.find(destination);
        return match == null ? null : match.handler();
    }

    private static Map<String, String> variables(String pattern, String destination) {
        App.Match match = App.NONE.withHandler(pattern, FIRST).find(destination);
        return match == null ? null : match.variables();
    }

    @Test
    void aVariableIsOneSegment() {
        String pattern = "/app/rooms/{room}/say";
        assertThat(variables(pattern, "/app/rooms/blue/say")).isEqualTo(Map.of("room", "blue"));
        assertThat(variables(pattern, "/app/rooms/blue/light/say")).isNull();
        assertThat(variables(pattern, "/app/rooms/say")).isNull();
        assertThat(variables(pattern, "/app/rooms/blue/say/more")).isNull();
    }

    @Test
    void aVariableIsNotDecoded() {
        assertThat(variables("/app/{x}", "/app/a%20b+c")).isEqualTo(Map.of("x", "a%20b+c"));
    }

    @Test
    void theSeparatorCounts() {
        assertThat(variables("/app.rooms.{room}", "/app.rooms.blue"))
                .isEqualTo(Map.of("room", "blue"));
        assertThat(variables("/app.rooms.{room}", "/app/rooms/blue")).isNull();
        assertThat(variables("/app/{room}", "/app/a.b")).isNull();
    }

    @Test
    void aRestIsOneSegmentAtLeastWithItsSeparators() {
        String pattern = "/app/files/{name}/{path:**}";
        assertThat(variables(pattern, "/app/files/a/b/c.txt"))
                .isEqualTo(Map.of("name", "a", "path", "b/c.txt"));
        assertThat(variables(pattern, "/app/files/a/b"))
                .isEqualTo(Map.of("name", "a", "path", "b"));
        assertThat(variables(pattern, "/app/files/a")).isNull();
    }

    @Test
    void theMostSpecificPatternCountsWhateverTheOrder() {
        App app =
                App.NONE
                        .withHandler("/app/{all:**}", THIRD)
                        .withHandler("/app/a/{x}", SECOND)
                        .withHandler("/app/a/b", FIRST);
        assertThat(handler(app, "/app/a/b")).isSameAs(FIRST);
        assertThat(handler(app, "/app/a/c")).isSameAs(SECOND);
        assertThat(handler(app, "/app/c/b")).isSameAs(THIRD);
        assertThat(handler(app, "/app/a")).isSameAs(THIRD);
    }

    @Test
    void whatHasNoHandlerIsNotFound() {
        assertThat(App.NONE.find("/app/a")).isNull();
        assertThat(handler(App.NONE.withHandler("/app/a", FIRST), "/app/b")).isNull();
    }

    @Test
    void twoHandlersForTheSameDestinationsAreAMistake() {
        App app = App.NONE.withHandler("/app/{a}/x", FIRST);
        assertThatThrownBy(() -> app.withHandler("/app/{b}/x", SECOND))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/app/{b}/x")
                .hasMessageContaining("/app/{a}/x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/app",
                "/application/x",
                "/topic/x",
                "/app/",
                "/app//x",
                "/app/{}",
                "/app/{a",
                "/app/a}",
                "/app/x{a}",
                "/app/{a}x",
                "/app/{a b}",
                "/app/{a}/{a}",
                "/app/{a:**}/b",
                "/app/*",
                "/app/a/**"
            })
    void whatIsNoPatternIsRefused(String text) {
        assertThatThrownBy(() -> App.NONE.withHandler(text, FIRST))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("but was " + text);
    }
}
