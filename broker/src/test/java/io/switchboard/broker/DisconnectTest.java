package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DisconnectTest {
    /// A client that sees a code knows what happened.
    @Test
    void everyWayToEndHasACloseCodeOfItsOwn() {
        List<Integer> own =
                Arrays.stream(Disconnect.values())
                        .map(Disconnect::closeCode)
                        .filter(code -> code >= 4_000)
                        .toList();
        assertThat(own).doesNotHaveDuplicates().allMatch(code -> code < 5_000);
    }

    @Test
    void everyWayToEndHasAShortTextOfItsOwn() {
        List<String> texts = Arrays.stream(Disconnect.values()).map(Disconnect::text).toList();
        assertThat(texts).doesNotHaveDuplicates().allMatch(text -> text.length() <= 123);
    }
}
