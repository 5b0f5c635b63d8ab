package io.switchboard.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.websocket.WebSocketState.Move;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebSocketStateTest {
    private static final Path SOURCE =
            Path.of("src/main/java/io/switchboard/websocket/WebSocketState.java");

    @Test
    void theTableInTheCommentIsTheOneInTheCode() throws IOException {
        List<String> documented =
                Files.readAllLines(SOURCE).stream()
                        .filter(line -> line.startsWith("/// |"))
                        .map(line -> line.substring(4))
                        .toList();
        assertThat(table()).isEqualTo(documented);
    }

    @Test
    void aStateSaysWhichDirectionsAreOpen() {
        assertThat(Arrays.stream(WebSocketState.values()).filter(WebSocketState::maySend))
                .containsExactly(WebSocketState.OPEN, WebSocketState.CLOSE_RECEIVED);
        assertThat(Arrays.stream(WebSocketState.values()).filter(WebSocketState::mayReceive))
                .containsExactly(WebSocketState.OPEN, WebSocketState.CLOSE_SENT);
    }

    @Test
    void noMoveOpensADirectionAgain() {
        for (WebSocketState state : WebSocketState.values()) {
            for (Move move : Move.values()) {
                WebSocketState next = state.after(move);
                assertThat(!state.maySend() && next.maySend()).as(state + " " + move).isFalse();
                assertThat(!state.mayReceive() && next.mayReceive())
                        .as(state + " " + move)
                        .isFalse();
            }
        }
    }

    private static List<String> table() {
        List<String> rows = new ArrayList<>();
        rows.add(row("state", Arrays.stream(Move.values()).map(Enum::name).toList()));
        rows.add("|" + (" " + "-".repeat(14) + " |").repeat(1 + Move.values().length));
        for (WebSocketState state : WebSocketState.values()) {
            rows.add(
                    row(
                            state.name(),
                            Arrays.stream(Move.values())
                                    .map(move -> state.after(move).name())
                                    .toList()));
        }
        return rows;
    }

    private static String row(String first, List<String> rest) {
        StringBuilder row = new StringBuilder("| %-14s |".formatted(first));
        rest.forEach(cell -> row.append(" %-14s |".formatted(cell)));
        return row.toString();
    }
}
