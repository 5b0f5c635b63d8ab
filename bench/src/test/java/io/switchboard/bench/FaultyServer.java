package io.switchboard.bench;

import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEncoder;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompLimits;
import io.switchboard.stomp.StompVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Topics and queues over plain STOMP with a thread a connection, which does one thing wrong with
/// every hundredth delivery, or with each receipt or acknowledgement.
final class FaultyServer implements AutoCloseable {
    enum Fault {
        NONE,
        LOSES,
        DOUBLES,
        SWAPS,
        MISROUTES,
        DAMAGES,
        CLOSES,
        ANSWERS_ERROR,
        REDELIVERS,
        FORGETS_RECEIPTS,
        FORGETS_ACK
    }

    private static final int EVERY = 100;

    private final ServerSocket listener =
            new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
    private final Fault fault;
    private final Map<String, List<Socket>> topics = new HashMap<>();
    private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
    private final Map<Socket, byte[]> kept = new HashMap<>();
    private final Set<String> unacknowledged = new HashSet<>();
    private int delivered;
    private int acknowledged;
    private int turn;

    FaultyServer(Fault fault) throws IOException {
        this.fault = fault;
        Thread.ofVirtual().start(this::accept);
    }

    URI url() {
        return URI.create("tcp://127.0.0.1:" + listener.getLocalPort());
    }

    synchronized int acknowledged() {
        return acknowledged;
    }

    /// Of the queues' messages.
    synchronized int unacknowledged() {
        return unacknowledged.size();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            StompConnection stomp = StompConnection.server(StompLimits.DEFAULT);
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[4096];
            int length = in.read(buffer);
            while (length >= 0) {
                stomp.receive(ByteBuffer.wrap(buffer, 0, length), 0);
                StompEvent event = stomp.next();
                while (!(event instanceof StompEvent.NeedBytes)) {
                    if (event instanceof StompEvent.FrameReceived(StompFrame frame)) {
                        stomp.version(StompVersion.V1_2);
                        on(frame, socket);
                    }
                    event = stomp.next();
                }
                length = in.read(buffer);
            }
        } catch (IOException e) {
            // The client is gone.
        }
    }

    /// One thread at a time: that is the order of a topic.
    private synchronized void on(StompFrame frame, Socket socket) throws IOException {
        String destination = frame.headers().get("destination");
        switch (frame.command()) {
            case CONNECT ->
                    write(
                            socket,
                            new StompFrame(
                                    StompCommand.CONNECTED, StompHeaders.of("version", "1.2")));
            case SUBSCRIBE ->
                    topics.computeIfAbsent(destination, _ -> new ArrayList<>()).add(socket);
            case SEND -> {
                List<Socket> audience = topics.getOrDefault(destination, List.of());
                if (destination.startsWith("/queue/")) {
                    deliver(audience.get(turn++ % audience.size()), destination, frame.body());
                } else {
                    for (Socket each : audience) {
                        deliver(each, destination, frame.body());
                    }
                }
            }
            case ACK -> {
                if (unacknowledged.remove(frame.headers().get("id"))) {
                    acknowledged++;
                }
            }
            default -> {}
        }
        String receipt = frame.headers().get("receipt");
        boolean forgotten = fault == Fault.FORGETS_RECEIPTS && frame.command() == StompCommand.SEND;
        if (receipt != null && !forgotten) {
            write(
                    socket,
                    new StompFrame(StompCommand.RECEIPT, StompHeaders.of("receipt-id", receipt)));
        }
    }

    private void deliver(Socket socket, String destination, ByteBuffer body) throws IOException {
        byte[] copy = new byte[body.remaining()];
        body.duplicate().get(copy);
        byte[] before = kept.remove(socket);
        boolean due = ++delivered % EVERY == 0;
        switch (due ? fault : Fault.NONE) {
            case NONE, FORGETS_RECEIPTS, FORGETS_ACK -> message(socket, destination, copy);
            case LOSES -> {}
            case DOUBLES -> {
                message(socket, destination, copy);
                message(socket, destination, copy);
            }
            case REDELIVERS -> {
                message(socket, destination, copy);
                message(socket, destination, copy, "redelivered", "true");
            }
            case SWAPS -> kept.put(socket, copy);
            case MISROUTES -> {
                for (List<Socket> each : topics.values()) {
                    message(each.getFirst(), destination, copy);
                }
            }
            case DAMAGES -> {
                copy[0] ^= 1;
                message(socket, destination, copy);
            }
            case CLOSES -> socket.close();
            case ANSWERS_ERROR ->
                    write(
                            socket,
                            new StompFrame(
                                    StompCommand.ERROR, StompHeaders.of("message", "enough")));
        }
        if (before != null) {
            message(socket, destination, before);
        }
    }

    private void message(Socket socket, String destination, byte[] body, String... more)
            throws IOException {
        String id = delivered + "-" + unacknowledged.size();
        List<String> headers = new ArrayList<>(List.of("subscription", "0", "message-id", id));
        headers.addAll(List.of("destination", destination));
        headers.addAll(List.of(more));
        if (destination.startsWith("/queue/") && fault != Fault.FORGETS_ACK) {
            headers.addAll(List.of("ack", "a:" + id));
            unacknowledged.add("a:" + id);
        }
        write(
                socket,
                new StompFrame(
                        StompCommand.MESSAGE,
                        StompHeaders.of(headers.toArray(String[]::new)),
                        ByteBuffer.wrap(body)));
    }

    private static void write(Socket socket, StompFrame frame) throws IOException {
        if (!socket.isClosed()) {
            ByteBuffer bytes = StompEncoder.encode(frame, StompVersion.V1_2);
            socket.getOutputStream().write(bytes.array(), bytes.position(), bytes.remaining());
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket each : List.copyOf(sockets)) {
            each.close();
        }
    }
}
