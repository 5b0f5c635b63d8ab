package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.Rate;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReadPaceTest {
    /// Clocks of the JVM may begin anywhere, also just before they turn over.
    private static final long START = Long.MAX_VALUE - 1_000;

    private static final Rate TEN_FRAMES = new Rate(10, 0);

    private static long millis(long millis) {
        return START + Duration.ofMillis(millis).toNanos();
    }

    private static long waitMillis(ReadPace pace, long atMillis) {
        return Math.max(0, Duration.ofNanos(pace.waitNanos(millis(atMillis))).toMillis());
    }

    @Test
    void whatComesInFiveSecondsMayComeAtOnce() {
        ReadPace pace = new ReadPace(TEN_FRAMES, START);
        pace.spend(50, 1_000_000, START);
        assertThat(waitMillis(pace, 0)).isZero();
        pace.spend(1, 0, START);
        assertThat(waitMillis(pace, 0)).isEqualTo(100);
        assertThat(waitMillis(pace, 100)).isZero();
    }

    @Test
    void whatIsReadBeyondIsPaidBack() {
        ReadPace pace = new ReadPace(new Rate(0, 1_000), START);
        pace.spend(7, 65_000, START);
        assertThat(waitMillis(pace, 0)).isEqualTo(60_000);
        assertThat(waitMillis(pace, 59_000)).isEqualTo(1_000);
        assertThat(waitMillis(pace, 60_000)).isZero();
    }

    @Test
    void theBucketThatIsEmptierCounts() {
        ReadPace pace = new ReadPace(new Rate(10, 1_000), START);
        pace.spend(60, 5_500, START);
        assertThat(waitMillis(pace, 0)).isEqualTo(1_000);
        assertThat(waitMillis(pace, 600)).isEqualTo(400);
    }

    @Test
    void aBucketHoldsNoMoreThanFiveSeconds() {
        ReadPace pace = new ReadPace(TEN_FRAMES, START);
        pace.spend(51, 0, millis(3_600_000));
        assertThat(waitMillis(pace, 3_600_000)).isEqualTo(100);
    }

    @Test
    void whoNeverPausesIsOverItsRateAllTheTime() {
        ReadPace pace = new ReadPace(TEN_FRAMES, START);
        pace.spend(51, 0, START);
        for (int at = 100; at <= 60_000; at += 900) {
            pace.spend(9, 0, millis(at));
        }
        assertThat(pace.overNanos(millis(60_000))).isEqualTo(Duration.ofMinutes(1).toNanos());
    }

    @Test
    void aPauseOfASecondEndsIt() {
        ReadPace pace = new ReadPace(TEN_FRAMES, START);
        pace.spend(51, 0, START);
        pace.spend(1, 0, millis(1_200));
        assertThat(pace.overNanos(millis(1_200))).isZero();
        pace.spend(60, 0, millis(1_300));
        assertThat(pace.overNanos(millis(2_300))).isEqualTo(Duration.ofSeconds(1).toNanos());
    }

    @Test
    void whoStaysWithinItsRateIsNeverOverIt() {
        ReadPace pace = new ReadPace(TEN_FRAMES, START);
        for (int at = 0; at <= 600_000; at += 100) {
            pace.spend(1, 0, millis(at));
            assertThat(waitMillis(pace, at)).isZero();
        }
        assertThat(pace.overNanos(millis(600_000))).isZero();
    }

    @Test
    void anotherRateLeavesTheDebtAsLongAsItWas() {
        ReadPace pace = new ReadPace(TEN_FRAMES, START);
        pace.spend(60, 0, START);
        pace.change(new Rate(1_000, 0), START);
        assertThat(waitMillis(pace, 0)).isEqualTo(1_000);
        pace.change(Rate.UNLIMITED, START);
        assertThat(waitMillis(pace, 0)).isZero();
    }
}
