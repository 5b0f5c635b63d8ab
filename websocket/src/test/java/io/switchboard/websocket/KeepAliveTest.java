package io.switchboard.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.switchboard.websocket.KeepAlive.Due;
import org.junit.jupiter.api.Test;

/// The clock starts near the end of the range, where the sum of two times overflows.
class KeepAliveTest {
    private static final long START = nearTheEnd();

    private final KeepAlive keepAlive = new KeepAlive(100, START);

    private static long nearTheEnd() {
        return Long.MAX_VALUE - 50;
    }

    @Test
    void aSilentPeerIsAskedTwiceAndThenGivenUp() {
        assertThat(keepAlive.deadlineNanos() - START).isEqualTo(100);
        assertThat(keepAlive.onDeadline(START + 99)).isEqualTo(Due.NOTHING);
        assertThat(keepAlive.onDeadline(START + 100)).isEqualTo(Due.PING);
        assertThat(keepAlive.deadlineNanos() - START).isEqualTo(200);
        assertThat(keepAlive.onDeadline(START + 199)).isEqualTo(Due.NOTHING);
        assertThat(keepAlive.onDeadline(START + 200)).isEqualTo(Due.PING);
        assertThat(keepAlive.onDeadline(START + 299)).isEqualTo(Due.NOTHING);
        assertThat(keepAlive.onDeadline(START + 300)).isEqualTo(Due.GIVE_UP);
    }

    @Test
    void anyByteIsASignOfLife() {
        assertThat(keepAlive.onDeadline(START + 200)).isEqualTo(Due.PING);
        assertThat(keepAlive.onDeadline(START + 200)).isEqualTo(Due.PING);
        keepAlive.heard(START + 250);
        assertThat(keepAlive.heardNanos()).isEqualTo(START + 250);
        assertThat(keepAlive.deadlineNanos() - START).isEqualTo(350);
        assertThat(keepAlive.onDeadline(START + 349)).isEqualTo(Due.NOTHING);
        assertThat(keepAlive.onDeadline(START + 350)).isEqualTo(Due.PING);
    }

    @Test
    void aPeerThatOnlyAnswersLivesForEver() {
        for (int i = 1; i <= 1_000; i++) {
            assertThat(keepAlive.onDeadline(START + i * 100)).isEqualTo(Due.PING);
            keepAlive.heard(START + i * 100);
        }
    }

    @Test
    void aPeriodIsPositive() {
        assertThatIllegalArgumentException().isThrownBy(() -> new KeepAlive(0, 0));
    }
}
