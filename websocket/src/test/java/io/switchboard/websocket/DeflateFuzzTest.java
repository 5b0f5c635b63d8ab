package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whatever is inflated or offered; see [FrameDecoderFuzzTest] for how to run.
class DeflateFuzzTest {
    private static final WebSocketLimits SMALL = new WebSocketLimits(100_000, 1000, 10);

    /// The bytes are the payloads of compressed binary messages, each behind its length.
    @FuzzTest(maxDuration = "1m")
    void serverInflates(byte[] bytes) {
        byte[] stream = {};
        int index = 0;
        while (index < bytes.length) {
            int length = Math.min(bytes[index] & 0xff, bytes.length - index - 1);
            byte[] payload = Arrays.copyOfRange(bytes, index + 1, index + 1 + length);
            stream = Wire.concat(stream, Wire.masked(0xc2, payload));
            index += 1 + length;
        }
        for (PermessageDeflate agreed :
                List.of(PermessageDeflate.NO_CONTEXT, PermessageDeflate.FULL_CONTEXT)) {
            try (Zlib zlib = new Zlib(6, 0)) {
                List<Object> whole =
                        Wire.events(WebSocketConnection.server(SMALL, agreed, zlib), stream);
                List<Object> cut =
                        Wire.events(WebSocketConnection.server(SMALL, agreed, zlib), stream, 7);
                assertThat(cut).isEqualTo(whole);
                assertThat(zlib.idleInflaters()).isLessThanOrEqualTo(1);
            }
        }
    }

    @FuzzTest(maxDuration = "1m")
    void bothSidesNegotiate(byte[] bytes) {
        List<HeaderList.Extension> extensions =
                HeaderList.extensions(new String(bytes, ISO_8859_1));
        if (extensions == null) {
            return;
        }
        for (PermessageDeflate wish :
                List.of(
                        PermessageDeflate.NO_CONTEXT,
                        PermessageDeflate.FULL_CONTEXT,
                        new PermessageDeflate(1024, 4096))) {
            PermessageDeflate.Agreed agreed = wish.accept(extensions);
            if (agreed != null) {
                assertWithin(wish, agreed.parameters());
                assertThat(HeaderList.extensions(agreed.header())).hasSize(1);
            }
            PermessageDeflate judged = wish.judge(extensions);
            if (judged != null) {
                assertWithin(wish, judged);
            }
        }
    }

    private static void assertWithin(PermessageDeflate wish, @Nullable PermessageDeflate agreed) {
        assertThat(agreed.serverContext()).isLessThanOrEqualTo(wish.serverContext());
        assertThat(agreed.clientContext()).isLessThanOrEqualTo(wish.clientContext());
    }
}
