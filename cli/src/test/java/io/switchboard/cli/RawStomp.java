package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// STOMP 1.2 as it comes: frames are written when they are said, and read by a thread that hands
/// them on one after the other until the connection ends. Bodies hold no NUL. An ERROR, or a
/// handler that fails, ends the reading, and is thrown by whoever waits for the end.
final class RawStomp implements AutoCloseable {
    private final Socket socket;
    private final OutputStream out;
    private final Consumer<Frame> handler;
    private final Thread reader;
    private volatile @Nullable Throwable failure;

    record Frame(String command, Map<String, String> headers, String body) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /// @param connectHeaders each `name:value`
    RawStomp(int port, Consumer<Frame> handler, String... connectHeaders) throws IOException {
        this.handler = handler;
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        out = socket.getOutputStream();
        InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        reader = Thread.ofVirtual().start(() -> read(in));
        String more = connectHeaders.length == 0 ? "" : String.join("\n", connectHeaders) + '\n';
        say("CONNECT\naccept-version:1.2\nhost:x\nheart-beat:0,0\n" + more + '\n');
    }

    /// @return false when the connection has ended
    synchronized boolean say(String frame) {
        try {
            out.write((frame + "\0").getBytes(UTF_8));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void read(InputStream in) {
        try {
            for (Frame frame = frame(in); frame != null; frame = frame(in)) {
                if (frame.command().equals("ERROR")) {
                    throw new AssertionError(frame.toString());
                }
                handler.accept(frame);
            }
        } catch (IOException e) {
            // It was killed: what came is what counts.
            return;
        } catch (RuntimeException | AssertionError e) {
            failure = e;
            try {
                socket.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
        }
    }

    private static @Nullable Frame frame(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int next = in.read();
        while (next == '\n' || next == '\r') {
            next = in.read();
        }
        while (next > 0) {
            bytes.write(next);
            next = in.read();
        }
        if (next < 0) {
            return null;
        }
        String text = bytes.toString(UTF_8);
        int end = text.indexOf("\n\n");
        String[] lines = text.substring(0, end).split("\n");
        Map<String, String> headers = new LinkedHashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.putIfAbsent(
                    lines[i].substring(0, colon),
                    lines[i].substring(colon + 1).replace("\\c", ":"));
        }
        return new Frame(lines[0], headers, text.substring(end + 2));
    }

    /// When everything that came has been handed on.
    void awaitEnd() throws InterruptedException {
        reader.join();
        Throwable reason = failure;
        if (reason != null) {
            throw new AssertionError(reason.getMessage(), reason);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        socket.close();
        awaitEnd();
    }
}
