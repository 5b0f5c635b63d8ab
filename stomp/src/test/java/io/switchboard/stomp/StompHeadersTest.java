package io.switchboard.stomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class StompHeadersTest {

    private static StompHeaders decoded(String lines) {
        return Wire.server(StompVersion.V1_2).receive("SEND\n" + lines + "\n\0").frame().headers();
    }

    @Test
    void decodedAndListedHeadersAreEqualWhenTheySayTheSame() {
        StompHeaders decoded = decoded("a:1\nb:\\c\n");
        StompHeaders listed = StompHeaders.of("a", "1", "b", ":");

        assertThat(decoded).isEqualTo(listed).hasSameHashCodeAs(listed);
        assertThat(listed).isEqualTo(decoded);
        assertThat(decoded).isNotEqualTo(StompHeaders.of("a", "1"));
        assertThat(decoded).isNotEqualTo(StompHeaders.of("a", "1", "b", "c"));
        assertThat(decoded).isNotEqualTo(StompHeaders.of("b", ":", "a", "1"));
    }

    @Test
    void everyHeaderIsFoundByItsWholeNameAlone() {
        for (StompHeaders headers :
                List.of(
                        decoded("message:1\nmessage-id:2\nid:3\n"),
                        StompHeaders.of("message", "1", "message-id", "2", "id", "3"))) {
            assertThat(headers.get("message")).isEqualTo("1");
            assertThat(headers.get("message-id")).isEqualTo("2");
            assertThat(headers.get("id")).isEqualTo("3");
            assertThat(headers.get("message-")).isNull();
            assertThat(headers.get("d")).isNull();
            assertThat(headers.indexOf("id")).isEqualTo(2);
            assertThat(headers.indexOf("")).isEqualTo(-1);
            assertThat(headers.contains("message")).isTrue();
            assertThat(headers.contains("Message")).isFalse();
        }
    }

    @Test
    void knownNamesAreNotMadeAnew() {
        for (String known :
                List.of("destination", "id", "receipt", "content-length", "ack", "key")) {
            assertThat(decoded(known + ":0\n").name(0)).as(known).isSameAs(known);
        }
    }

    @Test
    void namesThatShareAPlaceWithKnownOnesAreToldApart() {
        // Same length, first and last letter as a known name.
        assertThat(decoded("dxxxxxxxxxn:1\nix:2\nrxxxxxt:3\n"))
                .isEqualTo(StompHeaders.of("dxxxxxxxxxn", "1", "ix", "2", "rxxxxxt", "3"));
    }

    @Test
    void nonAsciiNameIsFoundBesideAsciiOnes() {
        StompHeaders headers = decoded("é:1\ndestination:2\n");

        assertThat(headers.get("é")).isEqualTo("1");
        assertThat(headers.get("destination")).isEqualTo("2");
    }

    @Test
    void listedHeadersDoNotChangeWithTheirArray() {
        String[] array = {"a", "b"};
        StompHeaders headers = StompHeaders.of(array);
        array[1] = "c";

        assertThat(headers.get("a")).isEqualTo("b");
    }

    @Test
    void nameWithoutValueIsAMistake() {
        assertThatThrownBy(() -> StompHeaders.of("a", "b", "c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected names and values in turn but the value of c is missing");
    }

    @Test
    void passcodeIsNotShown() {
        assertThat(StompHeaders.of("login", "eve", "passcode", "secret"))
                .hasToString("[login:eve, passcode:***]");
        assertThat(new StompFrame(StompCommand.CONNECT, StompHeaders.of("passcode", "secret")))
                .hasToString("CONNECT [passcode:***] body of 0");
    }
}
