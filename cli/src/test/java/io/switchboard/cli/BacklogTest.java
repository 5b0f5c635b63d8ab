package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What nobody fetches must fit: 1,000,000 messages of 128 bytes in one queue and one in each of
/// 100,000 queues, at once, in a process with 1 GiB of heap and the usual limits; and on the disk
/// more than the heap holds.
///
/// `-Dbacklog.messages=1000000` stores so many messages of 1 KiB.
@Timeout(value = 20, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BacklogTest {
    private static final int STORED = Integer.getInteger("backlog.messages", 300_000);
    private static final int STORED_QUEUES = 4;
    private static final int BODY_LENGTH = 1 << 10;

    private static final int MESSAGES = 1_000_000;
    private static final int QUEUES = 100_000;
    private static final String FILLING = "x".repeat(128 - 8);

    private static final String LETTERS =
            new Random(7)
                    .ints(2 * BODY_LENGTH, 'a', 'z' + 1)
                    .mapToObj(Character::toString)
                    .collect(Collectors.joining());

    @TempDir private Path folder;

    @Test
    void aMillionMessagesInOneQueueAndAHundredThousandQueuesFitInOneGibibyte() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx1g",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.switchboard.cli.Switchboard",
                                "serve",
                                "--http-port=off",
                                "--tls-port=off",
                                "--stomp-port=0",
                                "--admin-port=off")
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        try {
            int port = port(process.inputReader());
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                fill(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
                Frames frames = new Frames(socket.getInputStream());
                assertThat(frames.next()).startsWith("CONNECTED");
                assertThat(frames.next()).contains("receipt-id:full");
                empty(socket.getOutputStream(), frames);
            }
        } finally {
            process.destroyForcibly();
        }
    }

    /// The server has 256 MiB of heap, and is killed in between.
    @Test
    void moreThanTheHeapHoldsIsStoredAndComesOutInOrder() throws Exception {
        try (KilledServer server = new KilledServer(folder)) {
            server.start();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
                write(out, "CONNECT\naccept-version:1.2\nhost:x\n\n");
                for (int i = 0; i < STORED; i++) {
                    write(out, "SEND\ndestination:" + storedQueue(i) + "\n\n" + storedBody(i));
                }
                // Its receipt says that all before it is stored, in whichever queue.
                write(out, "DISCONNECT\nreceipt:full\n\n");
                out.flush();
                Frames frames = new Frames(socket.getInputStream());
                assertThat(frames.next()).startsWith("CONNECTED");
                assertThat(frames.next()).contains("receipt-id:full");
            }
            server.kill();
            server.start();
            for (int queue = 0; queue < STORED_QUEUES; queue++) {
                takeStored(server.port(), queue);
            }
            assertThat(server.stop()).isZero();
        }
    }

    private static void takeStored(int port, int queue) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            OutputStream out = socket.getOutputStream();
            write(out, "CONNECT\naccept-version:1.2\nhost:x\n\n");
            write(out, "SUBSCRIBE\nid:1\ndestination:" + storedQueue(queue) + "\n\n");
            Frames frames = new Frames(socket.getInputStream());
            assertThat(frames.next()).startsWith("CONNECTED");
            for (int i = queue; i < STORED; i += STORED_QUEUES) {
                if (!frames.next().endsWith(storedBody(i))) {
                    throw new AssertionError("expected message " + i + " of queue " + queue);
                }
            }
        }
    }

    private static String storedQueue(int number) {
        return "/queue/stored" + number % STORED_QUEUES;
    }

    /// Each begins elsewhere in the same letters, and with its number.
    private static String storedBody(int number) {
        int from = number % BODY_LENGTH;
        return "%08d".formatted(number) + LETTERS.substring(from, from + BODY_LENGTH - 8);
    }

    private static int port(BufferedReader out) throws IOException {
        String line = "";
        int port = 0;
        while (!line.equals("Switchboard is ready")) {
            line = out.readLine();
            if (line == null) {
                throw new EOFException("it did not start");
            }
            if (line.startsWith("stomp ")) {
                String address = line.split(" +")[1];
                port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
            }
        }
        return port;
    }

    private static void fill(OutputStream out) throws IOException {
        write(out, "CONNECT\naccept-version:1.2\nhost:x\n\n");
        for (int i = 0; i < QUEUES; i++) {
            write(out, "SEND\ndestination:/queue/one.of.many." + i + "\n\n" + body(i));
        }
        for (int i = 0; i < MESSAGES; i++) {
            write(out, "SEND\ndestination:/queue/long\n\n" + body(i));
        }
        write(out, "SEND\ndestination:/queue/last\nreceipt:full\n\n");
        out.flush();
    }

    private static String body(int number) {
        return "%08d".formatted(number) + FILLING;
    }

    private static void write(OutputStream out, String frame) throws IOException {
        out.write(frame.getBytes(US_ASCII));
        out.write(0);
    }

    /// All of it is there, in order.
    private static void empty(OutputStream out, Frames frames) throws IOException {
        write(out, "SUBSCRIBE\nid:1\ndestination:/queue/long\n\n");
        for (int i = 0; i < MESSAGES; i++) {
            assertThat(frames.next()).endsWith(body(i));
        }
        for (int i : List.of(0, 1, QUEUES / 2, QUEUES - 1)) {
            write(out, "SUBSCRIBE\nid:many" + i + "\ndestination:/queue/one.of.many." + i + "\n\n");
            assertThat(frames.next()).endsWith(body(i));
        }
    }

    /// None of the bodies holds a NUL.
    private static final class Frames {
        private final InputStream in;
        private final ByteArrayOutputStream frame = new ByteArrayOutputStream();

        Frames(InputStream in) {
            this.in = new BufferedInputStream(in, 1 << 16);
        }

        String next() throws IOException {
            frame.reset();
            for (int octet = in.read(); octet != 0; octet = in.read()) {
                if (octet < 0) {
                    throw new EOFException("after " + frame);
                }
                frame.write(octet);
            }
            return frame.toString(US_ASCII).stripLeading();
        }
    }
}
