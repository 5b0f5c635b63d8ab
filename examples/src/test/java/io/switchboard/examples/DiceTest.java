package io.switchboard.examples;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.client.ClientOptions;
import io.switchboard.client.StompClient;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.stomp.StompHeaders;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/// The example of README.md: what stands there is what runs here.
final class DiceTest {
    private static StompClient client(SwitchboardServer server) throws Exception {
        int port =
                server.listeners().stream()
                        .filter(it -> it.name().equals("stomp"))
                        .findFirst()
                        .orElseThrow()
                        .address()
                        .getPort();
        return StompClient.connect(ClientOptions.of(URI.create("tcp://127.0.0.1:" + port)));
    }

    @Test
    void standsInTheReadme() throws Exception {
        String source =
                Files.readString(Path.of("src/main/java/io/switchboard/examples/Dice.java"));
        String example = source.substring(source.indexOf("public final class")).strip();
        assertThat(Files.readString(Path.of("..", "README.md"))).contains(example);
    }

    @Test
    void throwsForTheRoomAndForWhoAsked() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        BlockingQueue<String> news = new LinkedBlockingQueue<>();
        ServerOptions options =
                ServerOptions.DEFAULT
                        .withListeners(ListenerOptions.FREE)
                        .withFiles(Path.of("target", "test-data"));
        try (SwitchboardServer server = SwitchboardServer.start(Dice.around(options));
                StompClient client = client(server)) {
            client.subscribe("/topic/chat.lobby", it -> heard.add(it.text()));
            client.subscribe("/temp-queue/mine", it -> heard.add(it.text()));
            client.subscribe("/topic/news", it -> news.add(it.text()));

            client.publish("/app/chat.lobby.throw", "");
            assertThat(heard.poll(20, SECONDS)).matches("The dice show a [1-6]");

            client.publish(
                    "/app/throw",
                    StompHeaders.of("reply-to", "/temp-queue/mine"),
                    ByteBuffer.allocate(0));
            assertThat(heard.poll(20, SECONDS)).matches("You threw a [1-6]");

            client(server).close();
            // Of the first client's coming it may hear, too.
            Set<String> coming = new HashSet<>();
            String said = news.poll(20, SECONDS);
            while (said != null && said.endsWith(" has come.")) {
                coming.add(said);
                said = news.poll(20, SECONDS);
            }
            assertThat(said).endsWith(" has gone.");
            assertThat(coming).contains(said.replace(" has gone.", " has come."));
        }
    }
}
