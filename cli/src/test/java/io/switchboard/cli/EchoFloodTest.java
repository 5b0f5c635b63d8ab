package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.client.ClientOptions;
import io.switchboard.client.WebSocketClient;
import io.switchboard.websocket.WebSocketMessage;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// 300 clients of an echo that send as much as is taken and read nothing, in a process with 128 MiB
/// of heap and as much memory outside of it, and the usual limits.
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EchoFloodTest {
    private static final int CLIENTS = 300;
    private static final int LITTLE_BUFFER = 4 << 10;

    /// Rounds in which nothing was taken any more.
    private static final int QUIET_ROUNDS = 20;

    @TempDir private Path folder;

    @Test
    void clientsThatDoNotReadAreEndedAndOthersGoOn() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx128m",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.switchboard.cli.Switchboard",
                                "serve",
                                "--echo=/echo",
                                "--http-port=0",
                                "--tls-port=off",
                                "--stomp-port=off",
                                "--admin-port=off")
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        List<SocketChannel> deaf = new ArrayList<>();
        try {
            BufferedReader out = process.inputReader();
            URI echo = echo(out);
            Queue<String> log = new ConcurrentLinkedQueue<>();
            Thread.ofVirtual().start(() -> out.lines().forEach(log::add));
            try (WebSocketClient good = WebSocketClient.connect(ClientOptions.of(echo))) {
                for (int i = 0; i < CLIENTS; i++) {
                    deaf.add(connect(echo));
                }
                flood(deaf, good);
                for (int i = 0; i < 100; i++) {
                    assertEchoes(good, "still here " + i);
                }
            }
            assertThat(process.isAlive()).isTrue();
            assertThat(log).noneMatch(it -> it.contains("OutOf") || it.contains("ERROR"));
            assertThat(log).anyMatch(it -> it.contains("short of memory"));
        } finally {
            for (SocketChannel each : deaf) {
                each.close();
            }
            process.destroyForcibly();
        }
    }

    private static URI echo(BufferedReader out) throws IOException {
        URI echo = null;
        for (String line = ""; !line.equals("Switchboard is ready"); ) {
            line = out.readLine();
            if (line == null) {
                throw new EOFException("it did not start");
            }
            if (line.startsWith("echo ")) {
                echo = URI.create(line.split(" +")[1]);
            }
        }
        assertThat(echo).isNotNull();
        return echo;
    }

    private static SocketChannel connect(URI echo) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, LITTLE_BUFFER);
        channel.setOption(StandardSocketOptions.SO_SNDBUF, LITTLE_BUFFER);
        channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), echo.getPort()));
        String request =
                "GET /echo HTTP/1.1\r\nHost: 127.0.0.1:"
                        + echo.getPort()
                        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Sec-WebSocket-Version: 13\r\n\r\n";
        channel.write(US_ASCII.encode(request));
        assertThat(channel.read(ByteBuffer.allocate(LITTLE_BUFFER))).isPositive();
        channel.configureBlocking(false);
        return channel;
    }

    /// Until nobody takes any more of what is said, or has gone.
    private static void flood(List<SocketChannel> deaf, WebSocketClient good) throws Exception {
        int length = 32 << 10;
        ByteBuffer frame = ByteBuffer.allocate(8 + length);
        frame.put((byte) 0x82).put((byte) 0xfe).putShort((short) length).position(0);
        ByteBuffer[] rest = new ByteBuffer[deaf.size()];
        for (int quiet = 0; quiet < QUIET_ROUNDS; ) {
            boolean taken = false;
            for (int i = 0; i < rest.length; i++) {
                if (rest[i] == null || !rest[i].hasRemaining()) {
                    rest[i] = frame.duplicate();
                }
                taken |= write(deaf.get(i), rest[i]) > 0;
            }
            assertEchoes(good, "in between");
            if (taken) {
                quiet = 0;
            } else {
                quiet++;
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }
    }

    private static int write(SocketChannel channel, ByteBuffer bytes) {
        try {
            return channel.write(bytes);
        } catch (IOException cut) {
            return 0;
        }
    }

    private static void assertEchoes(WebSocketClient client, String text) throws Exception {
        client.send(text);
        assertThat(client.receive()).isEqualTo(WebSocketMessage.text(text));
    }
}
