package io.switchboard.server.config;

import io.switchboard.broker.AccessRule;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.DedupLimits;
import io.switchboard.broker.DurableLimits;
import io.switchboard.broker.Policies;
import io.switchboard.broker.QueueLimits;
import io.switchboard.broker.RuleSet;
import io.switchboard.broker.TopicLimits;
import io.switchboard.server.ClientCertificates;
import io.switchboard.server.ClientLimits;
import io.switchboard.server.CompressionOptions;
import io.switchboard.server.DataOptions;
import io.switchboard.server.Insecure;
import io.switchboard.server.ListenerOptions;
import io.switchboard.server.Port;
import io.switchboard.server.ProxyOptions;
import io.switchboard.server.Rate;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.TlsFiles;
import io.switchboard.server.WebOptions;
import io.switchboard.server.app.App;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.stomp.HeartBeat;
import io.switchboard.stomp.StompLimits;
import io.switchboard.websocket.WebSocketLimits;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The options while they are being read, one setting after another, from the defaults on.
final class Draft {
    private static final ServerOptions DEFAULT = ServerOptions.DEFAULT;
    private static final ServerLimits LIMITS = DEFAULT.limits();
    private static final BrokerLimits BROKER = LIMITS.broker();
    private static final ClientLimits CLIENTS = LIMITS.clients();

    InetAddress bind = DEFAULT.listeners().bind();
    Port http = DEFAULT.listeners().http();
    Port tls = DEFAULT.listeners().tls();
    Port stomp = DEFAULT.listeners().stomp();
    Port stompTls = DEFAULT.listeners().stompTls();
    InetAddress adminBind = DEFAULT.listeners().adminBind();
    Port admin = DEFAULT.listeners().admin();
    @Nullable Path adminUsers = DEFAULT.listeners().adminUsers();

    int shards = DEFAULT.shards();
    DataOptions data = DEFAULT.data();
    List<Path> tlsCertificates = List.of();
    List<Path> tlsKeys = List.of();
    @Nullable Path tlsClientCa;
    ClientAuth tlsClientAuth = ClientAuth.OFF;
    List<String> origins = DEFAULT.web().origins();
    List<String> hosts = DEFAULT.web().hosts();
    List<String> trustedProxies = DEFAULT.proxies().trusted();
    Set<String> proxyProtocol = DEFAULT.proxies().protocolOn();
    boolean http2 = DEFAULT.web().http2();
    CompressionOptions.Mode compression = DEFAULT.web().compression().mode();
    int compressionLevel = DEFAULT.web().compression().level();
    int compressionFrom = DEFAULT.web().compression().lengthMin();
    int heartBeatMillis = DEFAULT.heartBeat().outgoingMillis();
    Set<Insecure> allowed = DEFAULT.allowed();
    List<String> echoes = List.of();
    Policies policies = DEFAULT.policies();
    final List<AccessRule> access = new ArrayList<>();

    int connections = LIMITS.connections();
    int handshakes = LIMITS.handshakes();
    int handshakesPerAddress = LIMITS.handshakesPerAddress();
    int httpHeadBytes = LIMITS.httpHeadBytes();
    Duration connectTimeout = LIMITS.connectTimeout();
    Duration closeTimeout = LIMITS.closeTimeout();
    Duration pingAfter = LIMITS.pingAfter();
    Duration shutdownTimeout = LIMITS.shutdownTimeout();

    int headerCountMax = LIMITS.stomp().headerCountMax();
    int headerBytesMax = LIMITS.stomp().headerBytesMax();
    int bodyLengthMax = LIMITS.stomp().bodyLengthMax();
    int beforeConnectedMax = LIMITS.stomp().beforeConnectedMax();

    long messageLengthMax = LIMITS.webSocket().messageLengthMax();
    long frameLengthMax = LIMITS.webSocket().frameLengthMax();
    int fragmentCountMax = LIMITS.webSocket().fragmentCountMax();

    int subscriptionsPerSession = BROKER.subscriptionsPerSession();
    int outboundBytesPerSession = BROKER.outboundBytesPerSession();
    long outboundBytes = BROKER.outboundBytes();
    int destinations = BROKER.destinations();
    int destinationLength = BROKER.destinationLength();
    int commandsPerShard = BROKER.commandsPerShard();
    long commandBytesPerShard = BROKER.commandBytesPerShard();
    int commandsPerSession = BROKER.commandsPerSession();
    long commandBytesPerSession = BROKER.commandBytesPerSession();

    long tokenNoticeMillis = BROKER.tokenNoticeMillis();

    long queueBytes = BROKER.queues().bytes();
    int queueLength = BROKER.queues().length();
    int delayedMessages = BROKER.queues().delayed();
    long transactionBytes = BROKER.queues().transactionBytes();
    int transactionsPerSession = BROKER.queues().transactionsPerSession();
    int framesPerTransaction = BROKER.queues().framesPerTransaction();
    long bytesPerTransaction = BROKER.queues().bytesPerTransaction();

    Duration dedupWindow = Duration.ofMillis(BROKER.dedup().windowMillis());
    int dedupIds = BROKER.dedup().ids();
    long dedupBytes = BROKER.dedup().bytes();

    int durableSubscriptions = BROKER.durable().subscriptions();
    int durableSubscriptionsPerUser = BROKER.durable().perUser();
    int connectionsPerAddress = CLIENTS.connectionsPerAddress();
    int connectionsPerUser = CLIENTS.connectionsPerUser();
    long inboundBytes = CLIENTS.inboundBytes();
    Rate rate = CLIENTS.rate();
    final Map<String, Rate> rateByRole = new LinkedHashMap<>();
    Duration ratePatience = CLIENTS.ratePatience();

    long historyBytes = BROKER.topics().historyBytes();
    int stateKeys = BROKER.topics().stateKeys();
    long stateBytes = BROKER.topics().stateBytes();

    /// Whether the file has the section.
    boolean authGiven;

    final AuthDraft auth = new AuthDraft();

    /// Whether clients are asked for a certificate.
    enum ClientAuth {
        OFF,
        WANT,
        NEED;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    ServerOptions options() throws StartFailure {
        return new ServerOptions(
                new ListenerOptions(bind, http, tls, stomp, stompTls, adminBind, admin, adminUsers),
                shards,
                data,
                tlsFiles(),
                new WebOptions(
                        origins,
                        hosts,
                        http2,
                        new CompressionOptions(compression, compressionLevel, compressionFrom)),
                proxies(),
                new HeartBeat(heartBeatMillis, heartBeatMillis),
                limits(),
                policies,
                RuleSet.of(access),
                allowed,
                endpoints(),
                App.NONE,
                clientCertificates(),
                authGiven ? auth.options() : null);
    }

    private Map<String, Endpoint> endpoints() {
        return echoes.stream()
                .distinct()
                .collect(Collectors.toMap(path -> path, path -> Endpoint.echo()));
    }

    private @Nullable TlsFiles tlsFiles() throws StartFailure {
        int count = tlsCertificates.size();
        if (count != tlsKeys.size()) {
            throw new StartFailure(
                    tlsKeys.isEmpty()
                            ? "tls-certificate needs tls-key beside it: set both, or neither"
                            : count == 0
                                    ? "tls-key needs tls-certificate beside it: set both, or"
                                            + " neither"
                                    : "expected as many tls-key as tls-certificate, in the same"
                                            + " order, but was "
                                            + tlsKeys.size()
                                            + " and "
                                            + count);
        }
        List<TlsFiles> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new TlsFiles(tlsCertificates.get(i), tlsKeys.get(i)));
        }
        return count == 0
                ? null
                : new TlsFiles(
                        all.getFirst().certificate(), all.getFirst().key(), all.subList(1, count));
    }

    private @Nullable ClientCertificates clientCertificates() throws StartFailure {
        if (tlsClientAuth == ClientAuth.OFF) {
            if (authGiven && auth.certificateName != null) {
                throw new StartFailure(
                        "auth.client-certificate needs tls-client-auth beside it: want or need");
            }
            if (tlsClientCa != null) {
                throw new StartFailure(
                        "tls-client-ca needs tls-client-auth beside it: want or need; without,"
                                + " nobody is asked for a certificate");
            }
            return null;
        }
        if (tlsClientCa == null) {
            throw new StartFailure(
                    "tls-client-auth needs tls-client-ca beside it: whose certificates are to be"
                            + " believed?");
        }
        return new ClientCertificates(tlsClientCa, tlsClientAuth == ClientAuth.NEED);
    }

    private ProxyOptions proxies() throws StartFailure {
        if (!proxyProtocol.isEmpty() && trustedProxies.isEmpty()) {
            throw new StartFailure(
                    "proxy-protocol needs trusted-proxies beside it: who is to be believed?");
        }
        return new ProxyOptions(trustedProxies, proxyProtocol);
    }

    private ServerLimits limits() {
        return new ServerLimits(
                connections,
                handshakes,
                handshakesPerAddress,
                httpHeadBytes,
                connectTimeout,
                closeTimeout,
                pingAfter,
                shutdownTimeout,
                new StompLimits(headerCountMax, headerBytesMax, bodyLengthMax, beforeConnectedMax),
                new WebSocketLimits(messageLengthMax, frameLengthMax, fragmentCountMax),
                new BrokerLimits(
                        subscriptionsPerSession,
                        outboundBytesPerSession,
                        outboundBytes,
                        destinations,
                        destinationLength,
                        commandsPerShard,
                        commandBytesPerShard,
                        commandsPerSession,
                        commandBytesPerSession,
                        new QueueLimits(
                                queueBytes,
                                queueLength,
                                delayedMessages,
                                transactionBytes,
                                transactionsPerSession,
                                framesPerTransaction,
                                bytesPerTransaction),
                        new DedupLimits(dedupWindow.toMillis(), dedupIds, dedupBytes),
                        tokenNoticeMillis,
                        new TopicLimits(historyBytes, stateKeys, stateBytes),
                        new DurableLimits(durableSubscriptions, durableSubscriptionsPerUser)),
                new ClientLimits(
                        connectionsPerAddress,
                        connectionsPerUser,
                        inboundBytes,
                        rate,
                        rateByRole,
                        ratePatience));
    }
}
