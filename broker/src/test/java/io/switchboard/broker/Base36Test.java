package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Base36Test {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 35, 36, 37, Long.MAX_VALUE, Long.MIN_VALUE, -1, -36})
    void edgesAreWrittenAsUnsignedNumbers(long number) {
        assertThat(Base36.text(number)).isEqualTo(Long.toUnsignedString(number, 36));
    }

    @Test
    void anyNumberIsWrittenAsAnUnsignedNumber() {
        new Random(36)
                .longs(10_000)
                .forEach(number ->
                        assertThat(Base36.text(number))
                                .isEqualTo(Long.toUnsignedString(number, 36)));
    }
}
