package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A process of its own with as many hostile clients as it is told to open, of all kinds mixed,
/// from several addresses. It says so when they are open, goes on being hostile until the end of
/// its standard input, and opens again those that it lost.
final class HostileClients {
    private static final int ADDRESSES = 100;
    private static final int OPENERS = 4;
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int RECEIVE_BUFFER = 4 << 10;
    private static final long PAUSE_NANOS = 200_000_000;
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:h\n\n\0";
    private static final String SEND = "SEND\ndestination:/topic/hostile\n";

    /// What each of them does.
    enum Kind {
        HALF_REQUEST,
        SILENCE,
        HALF_BODY,
        HALF_HEAD,
        NO_READING,
        PINGS,
        RECEIPTS,
        CHURN
    }

    private static final Kind[] KINDS = Kind.values();

    private final InetSocketAddress http;
    private final InetSocketAddress stomp;
    private final SocketChannel[] channels;
    private final AtomicInteger names = new AtomicInteger();

    private HostileClients(InetSocketAddress http, InetSocketAddress stomp, int count) {
        this.http = http;
        this.stomp = stomp;
        channels = new SocketChannel[count];
    }

    /// @param arguments the server's port for HTTP, that for STOMP over TCP, and how many clients
    public static void main(String[] arguments) throws Exception {
        HostileClients clients =
                new HostileClients(
                        new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])),
                        new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[1])),
                        Integer.parseInt(arguments[2]));
        clients.openAll();
        System.out.println("open");
        Thread.ofPlatform().daemon().start(HostileClients::endWithTheInput);
        while (true) {
            for (int i = 0; i < clients.channels.length; i++) {
                clients.goOn(i);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /// Whoever started this process has gone; the sockets go with it.
    private static void endWithTheInput() {
        try {
            while (System.in.read() >= 0) {
                // Nobody says anything.
            }
        } catch (IOException e) {
            // The same.
        }
        System.exit(0);
    }

    private void openAll() throws InterruptedException {
        List<Thread> openers = new ArrayList<>();
        for (int part = 0; part < OPENERS; part++) {
            int from = part;
            openers.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = from; i < channels.length; i += OPENERS) {
                                    open(i);
                                }
                            }));
        }
        for (Thread each : openers) {
            each.join();
        }
    }

    private void open(int i) {
        try {
            Kind kind = KINDS[i % KINDS.length];
            boolean tcp = kind == Kind.SILENCE || kind == Kind.HALF_HEAD;
            SocketChannel channel = SocketChannel.open();
            channels[i] = channel;
            channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
            channel.bind(new InetSocketAddress("127.0.1." + (1 + i % ADDRESSES), 0));
            channel.connect(tcp ? stomp : http);
            channel.socket().setSoTimeout(TIMEOUT_MILLIS);
            if (kind != Kind.HALF_REQUEST && kind != Kind.SILENCE) {
                begin(channel, tcp);
            }
            channel.configureBlocking(false);
            write(channel, first(kind));
        } catch (IOException e) {
            close(i);
        }
    }

    private static void begin(SocketChannel channel, boolean tcp) throws IOException {
        InputStream in = channel.socket().getInputStream();
        if (tcp) {
            write(channel, CONNECT.getBytes(UTF_8));
        } else {
            write(channel, Client.request("GET /ws HTTP/1.1", "Host: localhost").getBytes(UTF_8));
            for (int matched = 0; matched < 4; ) {
                int next = must(in);
                matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
            }
            write(channel, Client.frame(0x81, CONNECT.getBytes(UTF_8)));
        }
        while (must(in) != 0) {
            // CONNECTED.
        }
    }

    private static int must(InputStream in) throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new IOException("ended");
        }
        return next;
    }

    private static byte[] first(Kind kind) {
        return switch (kind) {
            case HALF_REQUEST ->
                    ("GET /ws HTTP/1.1\r\nHost: localhost\r\nCookie: " + "c".repeat(12_000))
                            .getBytes(UTF_8);
            case SILENCE, PINGS, RECEIPTS, CHURN -> new byte[0];
            case HALF_BODY -> text(SEND + "content-length:1000000\n\n" + "x".repeat(60_000));
            case HALF_HEAD -> (SEND + "x:" + "y".repeat(15_000)).getBytes(UTF_8);
            case NO_READING -> text("SUBSCRIBE\nid:a\ndestination:/topic/flood\n\n\0");
        };
    }

    /// One more blow of what is not over with the first.
    private void goOn(int i) {
        SocketChannel channel = channels[i];
        if (channel == null) {
            open(i);
            return;
        }
        try {
            write(channel, next(KINDS[i % KINDS.length]));
        } catch (IOException ended) {
            close(i);
        }
    }

    private byte[] next(Kind kind) {
        return switch (kind) {
            case HALF_REQUEST, SILENCE, HALF_HEAD, NO_READING -> new byte[0];
            case HALF_BODY -> Client.frame(0x81, "x".repeat(30_000).getBytes(UTF_8));
            case PINGS -> {
                ByteBuffer pings = ByteBuffer.allocate(131 * 20);
                while (pings.hasRemaining()) {
                    pings.put(Client.frame(0x89, new byte[125]));
                }
                yield pings.array();
            }
            case RECEIPTS -> text((SEND + "receipt:r\n\nx\0").repeat(20));
            case CHURN -> {
                StringBuilder frames = new StringBuilder();
                for (int n = 0; n < 10; n++) {
                    String name = "/topic/churn/" + names.incrementAndGet();
                    frames.append("SUBSCRIBE\nid:a\ndestination:" + name + "\n\n\0")
                            .append("SEND\ndestination:" + name + "\n\nx\0")
                            .append("UNSUBSCRIBE\nid:a\n\n\0");
                }
                yield text(frames.toString());
            }
        };
    }

    private static byte[] text(String payload) {
        return Client.frame(0x81, payload.getBytes(UTF_8));
    }

    /// What is not taken now is left out: where frames are cut is all the same to a hostile client,
    /// but then it is ended for that and opened again.
    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        if (bytes.length > 0) {
            channel.write(ByteBuffer.wrap(bytes));
        }
    }

    private void close(int i) {
        SocketChannel channel = channels[i];
        channels[i] = null;
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException gone) {
            // It has no more to lose.
        }
    }
}
