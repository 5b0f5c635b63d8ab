package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.Policies;
import io.switchboard.client.ClientOptions;
import io.switchboard.client.StompClient;
import io.switchboard.stomp.StompHeaders;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A server with a data directory, started, stopped and started again.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DataTest {
    private static final String QUEUE = "/queue/orders";

    @TempDir Path folder;

    private ServerOptions options() {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return ServerOptions.DEFAULT
                .withListeners(
                        new ListenerOptions(
                                loopback, Port.OFF, Port.OFF, Port.FREE, Port.OFF, loopback,
                                Port.OFF, null))
                .withShards(3);
    }

    private static StompClient connect(SwitchboardServer server) throws IOException {
        Listener stomp = server.listeners().get(0);
        return StompClient.connect(
                ClientOptions.of(URI.create("tcp://127.0.0.1:" + stomp.address().getPort())));
    }

    private static void send(SwitchboardServer server, String body, String... headers)
            throws IOException {
        try (StompClient client = connect(server)) {
            client.publish(QUEUE, StompHeaders.of(headers), ByteBuffer.wrap(body.getBytes()));
        }
    }

    /// All that is in the queue, up to a last message that is sent for this.
    private static List<String> takeAll(SwitchboardServer server) throws Exception {
        BlockingQueue<String> taken = new LinkedBlockingQueue<>();
        try (StompClient client = connect(server)) {
            client.subscribe(QUEUE, message -> taken.add(message.text()));
            client.publish(QUEUE, "last");
            String text = "";
            List<String> all = new ArrayList<>();
            while (!text.equals("last")) {
                text = taken.poll(60, TimeUnit.SECONDS);
                assertThat(text).isNotNull();
                all.add(text);
            }
            return all;
        }
    }

    @Test
    void messagesOfQueuesOutliveTheServer() throws Exception {
        ServerOptions options = options().withData(folder.resolve("data"));
        try (SwitchboardServer server = SwitchboardServer.start(options)) {
            send(server, "one");
            send(server, "passing", "persistent", "false");
            send(server, "two");
        }
        try (SwitchboardServer server = SwitchboardServer.start(options)) {
            assertThat(takeAll(server)).containsExactly("one", "two", "last");
        }
        try (SwitchboardServer server = SwitchboardServer.start(options)) {
            assertThat(takeAll(server)).containsExactly("last");
        }
    }

    /// The connected key's session goes when the server is told to stop, or at the latest when it
    /// starts again.
    @Test
    void theValuesOfDurableTopicsOutliveTheServer() throws Exception {
        String topic = "/topic/board";
        ServerOptions options =
                options()
                        .withData(folder.resolve("data"))
                        .withPolicies(
                                Policies.DEFAULT.with(
                                        topic, it -> it.withState(true).withDurable(true)));
        SwitchboardServer first = SwitchboardServer.start(options);
        StompClient writer = connect(first);
        ByteBuffer body = ByteBuffer.wrap("here".getBytes());
        writer.publish(topic, StompHeaders.of("key", "x"), body);
        writer.publish(topic, StompHeaders.of("key", "y"), body);
        writer.publish(topic, StompHeaders.of("key", "y", "removed", "true"), body);
        writer.publish(topic, StompHeaders.of("key", "z", "while-connected", "true"), body);
        assertThat(state(first, topic)).containsExactly("x", "z");
        first.close();
        writer.close();
        for (int life = 0; life < 2; life++) {
            try (SwitchboardServer server = SwitchboardServer.start(options)) {
                assertThat(state(server, topic)).containsExactly("x");
            }
        }
    }

    private static List<String> state(SwitchboardServer server, String topic) throws IOException {
        List<String> keys = Collections.synchronizedList(new ArrayList<>());
        try (StompClient client = connect(server)) {
            client.subscribe(
                    topic,
                    StompHeaders.of("from", "state"),
                    message -> keys.add(message.headers().get("key")));
        }
        return keys;
    }

    @Test
    void withoutADataDirectoryTheyEndWithIt() throws Exception {
        ServerOptions options = options().withFiles(folder.resolve("data"));
        try (SwitchboardServer server = SwitchboardServer.start(options)) {
            send(server, "one");
        }
        try (SwitchboardServer server = SwitchboardServer.start(options)) {
            assertThat(takeAll(server)).containsExactly("last");
        }
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void aDirectoryInUseIsNamed() throws Exception {
        ServerOptions options = options().withData(folder.resolve("data"));
        try (SwitchboardServer server = SwitchboardServer.start(options)) {
            assertThatThrownBy(() -> SwitchboardServer.start(options))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("in use by another process")
                    .hasMessageContaining(folder.resolve("data").toString());
            send(server, "one");
        }
    }

    @Test
    void damagedDataStopsTheStartAndIsFreeAgain() throws Exception {
        Path data = folder.resolve("data");
        ServerOptions options = options().withData(data);
        SwitchboardServer.start(options).close();
        Path format = data.resolve("messages/FORMAT");
        String text = Files.readString(format);
        Files.writeString(format, "rubbish");
        assertThatThrownBy(() -> SwitchboardServer.start(options))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("FORMAT")
                .hasMessageContaining("switchboard check --data " + data);
        Files.writeString(format, text);
        SwitchboardServer.start(options).close();
    }
}
