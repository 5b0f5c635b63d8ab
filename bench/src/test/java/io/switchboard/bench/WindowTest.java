package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WindowTest {
    private final Window window = new Window(2, 4);

    @Test
    void aMessageIsDoneWithItsLastSubscriber() {
        window.sent(1, 1, 2);
        assertThat(window.delivered(1, 1)).isFalse();
        assertThat(window.delivered(1, 1)).isTrue();
        assertThat(window.delivered(1, 1)).as("doubled").isFalse();
    }

    @Test
    void aPublisherWhosePlacesAreTakenHasToWait() {
        for (int sequence = 1; sequence <= 4; sequence++) {
            assertThat(window.free(0, sequence)).isTrue();
            window.sent(0, sequence, 1);
        }
        assertThat(window.free(0, 5)).isFalse();
        assertThat(window.free(1, 5)).isTrue();
        window.delivered(0, 1);
        assertThat(window.free(0, 5)).isTrue();
    }
}
