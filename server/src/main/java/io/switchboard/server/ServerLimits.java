package io.switchboard.server;

import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.DedupLimits;
import io.switchboard.broker.QueueLimits;
import io.switchboard.broker.TopicLimits;
import io.switchboard.stomp.StompLimits;
import io.switchboard.websocket.WebSocketLimits;
import java.time.Duration;
import java.util.function.Consumer;

/// Every bound of the server.
///
/// @param connections at most this many at a time, all listeners together; 0 for what the file
///   descriptors allow
/// @param handshakes at most this many connections at a time whose handshake is not over
/// @param handshakesPerAddress of these, from one address
/// @param httpHeadBytes request line and header fields of an HTTP request
/// @param connectTimeout from accepting a connection to its CONNECT, the TLS and WebSocket
///   handshakes included
/// @param closeTimeout how long a WebSocket peer may take to answer a Close frame
/// @param pingAfter a WebSocket connection on which nothing came for so long is asked for a sign of
///   life; after three such periods it ends
/// @param shutdownTimeout how long a server that stops waits for its clients to take what is theirs
public record ServerLimits(
        int connections,
        int handshakes,
        int handshakesPerAddress,
        int httpHeadBytes,
        Duration connectTimeout,
        Duration closeTimeout,
        Duration pingAfter,
        Duration shutdownTimeout,
        StompLimits stomp,
        WebSocketLimits webSocket,
        BrokerLimits broker,
        ClientLimits clients) {
    public static final ServerLimits DEFAULT =
            new ServerLimits(
                    0,
                    10_000,
                    1_000,
                    16 << 10,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    StompLimits.DEFAULT,
                    WebSocketLimits.DEFAULT,
                    defaultBroker(),
                    ClientLimits.DEFAULT);

    /// With the usual bounds of single clients.
    public ServerLimits(
            int connections,
            int handshakes,
            int handshakesPerAddress,
            int httpHeadBytes,
            Duration connectTimeout,
            Duration closeTimeout,
            Duration pingAfter,
            Duration shutdownTimeout,
            StompLimits stomp,
            WebSocketLimits webSocket,
            BrokerLimits broker) {
        this(
                connections,
                handshakes,
                handshakesPerAddress,
                httpHeadBytes,
                connectTimeout,
                closeTimeout,
                pingAfter,
                shutdownTimeout,
                stomp,
                webSocket,
                broker,
                ClientLimits.DEFAULT);
    }

    /// Shares of the heap, so that they fit any machine: a quarter for what waits for clients (that
    /// much more, outside of it), half for queues, a tenth for open transactions, a twentieth for
    /// dedup ids, a tenth for histories.
    private static BrokerLimits defaultBroker() {
        BrokerLimits limits = BrokerLimits.DEFAULT;
        QueueLimits queues = limits.queues();
        long percent = Runtime.getRuntime().maxMemory() / 100;
        return limits.withOutboundBytes(percent * 25)
                .withQueues(
                        new QueueLimits(
                                percent * 50,
                                queues.length(),
                                queues.delayed(),
                                percent * 10,
                                queues.transactionsPerSession(),
                                queues.framesPerTransaction(),
                                queues.bytesPerTransaction()))
                .withDedup(
                        new DedupLimits(
                                limits.dedup().windowMillis(), limits.dedup().ids(), percent * 5))
                .withTopics(
                        new TopicLimits(percent * 10, limits.topics().stateKeys(), percent * 10));
    }

    /// @param count in all
    /// @param perAddress of these, from one address
    public ServerLimits withHandshakes(int count, int perAddress) {
        return with(it -> {
            it.handshakes = count;
            it.handshakesPerAddress = perAddress;
        });
    }

    public ServerLimits withConnectTimeout(Duration timeout) {
        return with(it -> it.connectTimeout = timeout);
    }

    public ServerLimits withPingAfter(Duration silence) {
        return with(it -> it.pingAfter = silence);
    }

    public ServerLimits withShutdownTimeout(Duration timeout) {
        return with(it -> it.shutdownTimeout = timeout);
    }

    public ServerLimits withStomp(StompLimits limits) {
        return with(it -> it.stomp = limits);
    }

    public ServerLimits withWebSocket(WebSocketLimits limits) {
        return with(it -> it.webSocket = limits);
    }

    public ServerLimits withBroker(BrokerLimits limits) {
        return with(it -> it.broker = limits);
    }

    public ServerLimits withClients(ClientLimits limits) {
        return with(it -> it.clients = limits);
    }

    private ServerLimits with(Consumer<Values> change) {
        Values values = new Values(this);
        change.accept(values);
        return values.together();
    }

    /// What is copied with changes: a record cannot be.
    private static final class Values {
        int connections;
        int handshakes;
        int handshakesPerAddress;
        int httpHeadBytes;
        Duration connectTimeout;
        Duration closeTimeout;
        Duration pingAfter;
        Duration shutdownTimeout;
        StompLimits stomp;
        WebSocketLimits webSocket;
        BrokerLimits broker;
        ClientLimits clients;

        Values(ServerLimits from) {
            connections = from.connections;
            handshakes = from.handshakes;
            handshakesPerAddress = from.handshakesPerAddress;
            httpHeadBytes = from.httpHeadBytes;
            connectTimeout = from.connectTimeout;
            closeTimeout = from.closeTimeout;
            pingAfter = from.pingAfter;
            shutdownTimeout = from.shutdownTimeout;
            stomp = from.stomp;
            webSocket = from.webSocket;
            broker = from.broker;
            clients = from.clients;
        }

        ServerLimits together() {
            return new ServerLimits(
                    connections,
                    handshakes,
                    handshakesPerAddress,
                    httpHeadBytes,
                    connectTimeout,
                    closeTimeout,
                    pingAfter,
                    shutdownTimeout,
                    stomp,
                    webSocket,
                    broker,
                    clients);
        }
    }
}
