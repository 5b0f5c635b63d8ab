package io.switchboard.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// An address cannot fill the audit log.
final class AuditLinesTest {
    private long now;
    private final AuditLines lines = new AuditLines(() -> now);

    private int of(String address, int times) {
        int count = 0;
        for (int i = 0; i < times; i++) {
            count += lines.next(address) > 0 ? 1 : 0;
        }
        return count;
    }

    @Test
    void anAddressHasSoManyAndThenOneInSoManyWhateverItsPort() {
        assertThat(of("192.0.2.9:1", AuditLines.EACH_MAX)).isEqualTo(AuditLines.EACH_MAX);
        assertThat(of("192.0.2.9:2", AuditLines.TOGETHER - AuditLines.EACH_MAX - 1)).isZero();
        assertThat(lines.next("192.0.2.9:3")).isEqualTo(AuditLines.TOGETHER);
        assertThat(lines.next("192.0.2.8:1")).isOne();
    }

    @Test
    void aPeriodLaterItHasThemAgain() {
        assertThat(of("192.0.2.9:1", 500)).isEqualTo(AuditLines.EACH_MAX);
        now += AuditLines.PERIOD_NANOS;
        assertThat(lines.next("192.0.2.9:1")).isOne();
    }

    @Test
    void theTableForgetsTheOldest() {
        assertThat(of("192.0.2.9:1", 500)).isEqualTo(AuditLines.EACH_MAX);
        for (int i = 0; i < AuditLines.ADDRESSES_MAX; i++) {
            lines.next("host" + i + ":1");
        }
        assertThat(lines.next("192.0.2.9:1")).isOne();
    }
}
