package io.switchboard.stomp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FrameGrammarTest {

    @Nested
    class StompFrames {

        @Test
        void a01CommandHeadersEmptyLineBodyAndNulMakeAFrame() {
            var frame =
                    Wire.server(StompVersion.V1_2)
                            .receive("SEND\ndestination:/topic/a\nx:y\n\nhello\0")
                            .frame();

            assertThat(frame.command()).isEqualTo(StompCommand.SEND);
            assertThat(frame.headers())
                    .isEqualTo(StompHeaders.of("destination", "/topic/a", "x", "y"));
            assertThat(Wire.text(frame)).isEqualTo("hello");
        }
    }
}
