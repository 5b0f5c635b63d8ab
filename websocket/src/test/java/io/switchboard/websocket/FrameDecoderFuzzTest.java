package io.switchboard.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Random;

/// Whatever bytes come: no exception, and the same events whole and byte by byte. The ordinary
/// build runs the committed inputs; `JAZZER_FUZZ=1` with one `-Dtest=Class#method` looks for new
/// ones.
class FrameDecoderFuzzTest {
    private static final WebSocketLimits SMALL = new WebSocketLimits(1000, 300, 5);

    @FuzzTest(maxDuration = "1m")
    void serverReceives(byte[] bytes) {
        sameWhereverItIsCut(
                bytes,
                WebSocketConnection.server(SMALL),
                WebSocketConnection.server(SMALL),
                WebSocketConnection.server(SMALL));
    }

    @FuzzTest(maxDuration = "1m")
    void clientReceives(byte[] bytes) {
        Random keys = new Random(1);
        sameWhereverItIsCut(
                bytes,
                WebSocketConnection.client(SMALL, keys),
                WebSocketConnection.client(SMALL, keys),
                WebSocketConnection.client(SMALL, keys));
    }

    private static void sameWhereverItIsCut(
            byte[] bytes,
            WebSocketConnection whole,
            WebSocketConnection byByte,
            WebSocketConnection bySeven) {
        List<Object> expected = Wire.events(whole, bytes);
        assertThat(Wire.events(byByte, bytes, 1)).isEqualTo(expected);
        assertThat(Wire.events(bySeven, bytes, 7)).isEqualTo(expected);
        assertThat(byByte.state()).isEqualTo(whole.state());
        assertThat(bySeven.state()).isEqualTo(whole.state());
    }
}
