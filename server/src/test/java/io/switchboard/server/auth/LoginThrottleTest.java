package io.switchboard.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class LoginThrottleTest {
    private long now = Long.MAX_VALUE - 5;
    private final LoginThrottle throttle = new LoginThrottle(() -> now);

    private static Credentials of(String login, String address) {
        return new Credentials(login, "x", null, null, Map.of(), null, address, false, "tls");
    }

    @Test
    void aNameFailsOnlySoOften() {
        for (int i = 0; i < LoginThrottle.NAME_FAILURES_MAX; i++) {
            assertThat(throttle.blocks(of("al", "192.0.2.9:1"))).isFalse();
            throttle.failed(of("al", "192.0.2." + i + ":1"));
        }

        assertThat(throttle.blocks(of("al", "192.0.2.99:1"))).isTrue();
        assertThat(throttle.blocks(of("bo", "192.0.2.99:1"))).isFalse();
    }

    @Test
    void anAddressFailsOnlySoOftenWhateverItsPortsAndNames() {
        for (int i = 0; i < LoginThrottle.ADDRESS_FAILURES_MAX; i++) {
            assertThat(throttle.blocks(of("other", "192.0.2.9:1"))).isFalse();
            throttle.failed(of("u" + i, "192.0.2.9:" + i));
        }

        assertThat(throttle.blocks(of("other", "192.0.2.9:999"))).isTrue();
        assertThat(throttle.blocks(of("other", "192.0.2.8:999"))).isFalse();
    }

    @Test
    void failuresAreForgivenInAPeriod() {
        for (int i = 0; i < LoginThrottle.NAME_FAILURES_MAX; i++) {
            throttle.failed(of("al", "192.0.2.9:1"));
        }
        now += LoginThrottle.PERIOD_NANOS / LoginThrottle.NAME_FAILURES_MAX;
        assertThat(throttle.blocks(of("al", "192.0.2.9:1"))).isFalse();
        throttle.failed(of("al", "192.0.2.9:1"));
        assertThat(throttle.blocks(of("al", "192.0.2.9:1"))).isTrue();

        now += LoginThrottle.PERIOD_NANOS;
        for (int i = 0; i < LoginThrottle.NAME_FAILURES_MAX; i++) {
            assertThat(throttle.blocks(of("al", "192.0.2.9:1"))).isFalse();
            throttle.failed(of("al", "192.0.2.9:1"));
        }
    }

    @Test
    void theTableForgetsTheOldest() {
        for (int i = 0; i < LoginThrottle.NAME_FAILURES_MAX; i++) {
            throttle.failed(of("al", "192.0.2.9:1"));
        }
        for (int i = 0; i < LoginThrottle.ENTRIES_MAX; i++) {
            throttle.failed(of("u" + i, "192.0.2.10:1"));
        }

        assertThat(throttle.blocks(of("al", "192.0.2.9:1"))).isFalse();
    }

    @Test
    void ofIpv6TheNetworkCounts() {
        String network = ClientNetwork.of("[2001:db8::1]:5");

        assertThat(ClientNetwork.of("[2001:db8::ffff:2]:6")).isEqualTo(network);
        assertThat(ClientNetwork.of("2001:db8::3")).isEqualTo(network);
        assertThat(ClientNetwork.of("[2001:db8:0:1::1]:5")).isNotEqualTo(network);
        assertThat(ClientNetwork.of("192.0.2.1:5")).isEqualTo("192.0.2.1");
        assertThat(ClientNetwork.of("_hidden")).isEqualTo("_hidden");
    }
}
