package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClientLimitsTest {
    private static final Rate GENERAL = new Rate(10, 1_000);
    private static final ClientLimits LIMITS =
            ClientLimits.DEFAULT.withRates(
                    GENERAL,
                    Map.of("guest", new Rate(1, 500), "bot", new Rate(0, 700)),
                    Duration.ofMinutes(1));

    @Test
    void whoHasNoneOfTheRolesHasTheGeneralRate() {
        assertThat(LIMITS.rateOf(Set.of())).isEqualTo(GENERAL);
        assertThat(LIMITS.rateOf(Set.of("editor"))).isEqualTo(GENERAL);
    }

    @Test
    void theRateOfARoleTakesThePlaceOfTheGeneralOne() {
        assertThat(LIMITS.rateOf(Set.of("guest", "editor"))).isEqualTo(new Rate(1, 500));
    }

    @Test
    void ofSeveralRolesTheLargerValuesCount() {
        assertThat(LIMITS.rateOf(Set.of("guest", "bot"))).isEqualTo(new Rate(0, 700));
    }

    @Test
    void byDefaultNobodyIsHeldToARate() {
        assertThat(ClientLimits.DEFAULT.anyRate()).isFalse();
        assertThat(LIMITS.anyRate()).isTrue();
    }
}
