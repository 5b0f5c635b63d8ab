package io.switchboard.stomp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/// Coverage-guided inputs. An ordinary build replays the committed seeds; `JAZZER_FUZZ=1` searches
/// for new ones.
class StompFuzzTest {

    private static final StompLimits SMALL = new StompLimits(4, 60, 20, 90);

    /// The first octet chooses version, limits and side, the rest is the stream. Whatever it is, it
    /// gives the same events whole and octet by octet, at most one violation, and no exception. A
    /// frame that was read survives being written and read again.
    @FuzzTest(maxDuration = "60s")
    void anyOctets(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] stream = Arrays.copyOfRange(input, 1, input.length);
        List<StompEvent> whole = wire(input[0]).receive(stream.clone()).events;

        assertThat(wire(input[0]).drip(stream).events).isEqualTo(whole);
        for (int i = 0; i < whole.size(); i++) {
            switch (whole.get(i)) {
                case StompEvent.FrameReceived(var frame) -> assertWritable(input[0], frame);
                case StompEvent.Violation violation -> {
                    assertThat(i).isEqualTo(whole.size() - 1);
                    assertThat(violation.found()).doesNotContain("\n", "\r", "\0");
                }
                case StompEvent.HeartbeatReceived beat -> assertThat(version(input[0])).isNotNull();
                case StompEvent other ->
                        throw new AssertionError("not an event of bytes: " + other);
            }
        }
    }

    private static StompVersion version(byte choice) {
        return (choice & 3) == 0 ? null : StompVersion.values()[(choice & 3) - 1];
    }

    private static Wire wire(byte choice) {
        StompLimits limits = (choice & 4) == 0 ? StompLimits.DEFAULT : SMALL;
        return (choice & 8) == 0
                ? Wire.server(version(choice), limits)
                : Wire.client(version(choice), limits);
    }

    /// In 1.2, which can carry everything; CONNECT and CONNECTED are written in no version's way.
    private static void assertWritable(byte choice, StompFrame frame) {
        if (!frame.command().escaped()) {
            return;
        }
        ByteBuffer written = StompEncoder.encode(frame, StompVersion.V1_2);
        // Written anew, a frame may be longer by its escapes and by a content-length.
        StompLimits roomy = StompLimits.DEFAULT.withHeaderBytesMax(1 << 20).withHeaderCountMax(65);
        Wire back =
                (choice & 8) == 0
                        ? Wire.server(StompVersion.V1_2, roomy)
                        : Wire.client(StompVersion.V1_2, roomy);
        StompFrame again = back.receive(Wire.bytes(written)).frame();
        assertThat(again.command()).isEqualTo(frame.command());
        assertThat(again.body()).isEqualTo(frame.body());
        assertThat(Wire.withoutLength(again.headers()))
                .isEqualTo(Wire.withoutLength(frame.headers()));
    }
}
