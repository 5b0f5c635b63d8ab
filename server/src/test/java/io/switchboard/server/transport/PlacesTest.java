package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlacesTest {
    @ParameterizedTest
    @CsvSource({
        "1024, 960",
        "1280, 1216",
        "20000, 19000",
        "1048576, 996148",
        "9223372036854775807, 2147483647",
        "60, 1"
    })
    void descriptorsAreKeptBackForOtherThingsThanConnections(long files, int connections) {
        assertThat(Places.possible(files)).isEqualTo(connections);
    }

    @Test
    void aPlaceThatIsLeftIsFree() {
        Places places = new Places(2);
        assertThat(places.take()).isTrue();
        assertThat(places.take()).isTrue();
        assertThat(places.take()).isFalse();
        assertThat(places.take()).isFalse();
        places.leave();
        assertThat(places.take()).isTrue();
        assertThat(places.take()).isFalse();
    }

    @Test
    void fewWaitToHearThatThereIsNoPlace() {
        Places places = new Places(1);
        for (int i = 0; i < 32; i++) {
            assertThat(places.takeLast()).isTrue();
        }
        assertThat(places.takeLast()).isFalse();
        places.leaveLast();
        assertThat(places.takeLast()).isTrue();
    }
}
