package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/// Coverage-guided inputs. An ordinary build replays the committed seeds; `JAZZER_FUZZ=1` searches
/// for new ones.
class SelectorFuzzTest {
    /// The first line is a header's value, the rest a selector. Whatever they are, the selector is
    /// one or has an error, and has an answer for every message.
    @FuzzTest(maxDuration = "60s")
    void anyText(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        int end = Math.max(text.indexOf('\n'), 0);
        Headers headers = Headers.of("a", text.substring(0, end), "content-type", "text/plain");
        String selector = text.substring(end);

        Selector.Parsed parsed = Selector.parse(selector);
        if (parsed.selector() == null) {
            assertThat(parsed.error()).startsWith("expected ").hasSizeLessThan(200);
            return;
        }
        assertThat(parsed.error()).isNull();
        Message message = Message.of("/queue/x", headers, new byte[0], true);
        boolean wanted = parsed.selector().matches(message);
        Selector.Parsed opposite = Selector.parse("NOT (" + selector + ")");
        if (wanted && opposite.selector() != null) {
            assertThat(opposite.selector().matches(message)).isFalse();
        }
    }
}
