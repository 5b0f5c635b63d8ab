package io.switchboard.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RoomTest {
    private static final long RESERVE = 1_000_000;

    private long free = 10 * RESERVE;
    private long now;
    private int looks;
    private final Room room =
            new Room(
                    RESERVE,
                    () -> {
                        looks++;
                        return free;
                    },
                    () -> now);

    @Test
    void belowTheReserveOnlyRemovalsAreStored() {
        free = RESERVE - 1;
        assertThat(room.allows(10, false)).isFalse();
        assertThat(room.allows(10, true)).isTrue();
    }

    @Test
    void belowAQuarterOfItNothingIs() {
        free = RESERVE / 4 - 1;
        assertThat(room.allows(0, false)).isFalse();
        assertThat(room.allows(0, true)).isFalse();
    }

    @Test
    void whatWouldTouchTheReserveIsNotStored() {
        free = RESERVE + 1_000;
        assertThat(room.allows(501, false)).isFalse();
        assertThat(room.allows(500, false)).isTrue();
        assertThat(room.allows(1, false)).as("two copies of 500 bytes are reckoned off").isFalse();
    }

    @Test
    void itIsLookedAtAgainAfterASecond() {
        free = 0;
        assertThat(room.allows(10, false)).isFalse();
        free = 10 * RESERVE;
        now += TimeUnit.SECONDS.toNanos(1) - 1;
        assertThat(room.allows(10, false)).isFalse();
        now++;
        assertThat(room.allows(10, false)).isTrue();
        assertThat(looks).isEqualTo(2);
    }

    @Test
    void muchThatIsWrittenIsLookedAtSooner() {
        room.allows(RESERVE / 8, false);
        room.allows(1, false);
        assertThat(looks).isEqualTo(1);
        room.allows(1, false);
        assertThat(looks).isEqualTo(2);
    }

    @Test
    void withoutAReserveNobodyLooks() {
        Room without =
                new Room(
                        0,
                        () -> {
                            throw new AssertionError();
                        },
                        () -> now);
        assertThat(without.allows(1, false)).isTrue();
    }
}
