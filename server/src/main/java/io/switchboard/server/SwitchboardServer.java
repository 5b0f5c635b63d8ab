package io.switchboard.server;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Journal;
import io.switchboard.broker.SendOptions;
import io.switchboard.gateway.GatewayOptions;
import io.switchboard.server.access.LiveRules;
import io.switchboard.server.admin.SessionPages;
import io.switchboard.server.app.Program;
import io.switchboard.server.app.Publisher;
import io.switchboard.server.auth.AdminToken;
import io.switchboard.server.auth.AuditLines;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.Logins;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.server.http.AdminPages;
import io.switchboard.server.http.HttpPages;
import io.switchboard.server.http.MachineNames;
import io.switchboard.server.http.OriginAndHost;
import io.switchboard.server.http.TrustedProxies;
import io.switchboard.server.metrics.Metrics;
import io.switchboard.server.metrics.Readings;
import io.switchboard.server.tls.Certificates;
import io.switchboard.server.tls.DevelopmentCertificate;
import io.switchboard.server.tls.ServerCertificate;
import io.switchboard.server.transport.Door;
import io.switchboard.server.transport.HttpService;
import io.switchboard.server.transport.Network;
import io.switchboard.storage.Store;
import io.switchboard.storage.StoreFailure;
import io.switchboard.storage.StoreOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A running Switchboard.
///
/// ```java
/// var options = ServerOptions.DEFAULT.withHandler(
///         "/app/greet/{name}", request -> request.reply("Hello " + request.variable("name")));
/// try (var server = SwitchboardServer.start(options)) {
///     server.publish("/topic/news", "open");
///     server.awaitTermination();
/// }
/// ```
///
/// It publishes as the program that embeds it.
public final class SwitchboardServer implements Publisher, AutoCloseable {
    private static final String NAME_AND_VERSION = "Switchboard/0.1.0";

    private final ServerOptions options;
    private final Network network;
    private final Program program;
    private final @Nullable Certificates certificates;
    private final @Nullable Logins logins;
    private final Reload reload;
    private final @Nullable Store store;
    private final List<Listener> listeners = new ArrayList<>();
    private @Nullable Metrics metrics;
    private @Nullable Logins administrators;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    private SwitchboardServer(
            ServerOptions options,
            AccessRules rules,
            @Nullable Certificates certificates,
            @Nullable Logins logins,
            @Nullable Store store,
            SecureRandom random) {
        this.options = options;
        this.certificates = certificates;
        this.logins = logins;
        this.store = store;
        ServerLimits limits = options.limits();
        GatewayOptions gateway =
                new GatewayOptions(
                        NAME_AND_VERSION,
                        limits.stomp(),
                        limits.connectTimeout().toNanos(),
                        options.heartBeat().outgoingMillis(),
                        limits.closeTimeout().toNanos());
        program = new Program(options.app(), limits.stomp());
        network =
                new Network(
                        options.shards(),
                        limits,
                        gateway,
                        options.web().compression(),
                        TrustedProxies.of(options.proxies().trusted()),
                        logins,
                        rules,
                        store == null ? Journal.NONE : store,
                        options.policies(),
                        program,
                        random::nextLong);
        LiveRules live = rules instanceof LiveRules configured ? configured : null;
        reload = new Reload(network, live, logins, options, certificates);
    }

    /// Starts a server whose clients may do what the access rules of the options allow; without
    /// any, everything on this machine and, unless the options say otherwise, nothing from
    /// elsewhere. All its listeners accept when this returns.
    ///
    /// @throws StartFailure if it cannot start, in a line for the operator
    public static SwitchboardServer start(ServerOptions options) throws StartFailure {
        AccessRules withoutRules =
                options.allowed().contains(Insecure.ANONYMOUS)
                        ? AccessRules.none()
                        : AccessRules.localOnly();
        // Where names are proved, who has none is no client that another may not pose as.
        AccessRules otherwise = options.auth() == null ? withoutRules : withoutRules::decide;
        return start(options, new LiveRules(otherwise, options.access()));
    }

    /// @param rules asked on every CONNECT, SEND and SUBSCRIBE, on the shards' threads, in place of
    ///   those of the options
    /// @throws StartFailure if it cannot start, in a line for the operator
    public static SwitchboardServer start(ServerOptions options, AccessRules rules)
            throws StartFailure {
        LoopbackRule.check(options);
        SecureRandom random = new SecureRandom();
        MachineNames machine = MachineNames.read();
        Certificates certificates = certificates(options, machine, random);
        AuthOptions auth = options.auth();
        Logins logins = auth == null ? null : Logins.open(auth);
        Store store = open(options.data());
        SwitchboardServer server =
                new SwitchboardServer(options, rules, certificates, logins, store, random);
        try {
            server.restore();
            server.listen(machine);
        } catch (StartFailure | RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private static @Nullable Certificates certificates(
            ServerOptions options, MachineNames machine, SecureRandom random) throws StartFailure {
        ListenerOptions on = options.listeners();
        if (!on.tls().on() && !on.stompTls().on()) {
            return null;
        }
        ServerCertificate development =
                options.tls() != null
                        ? null
                        : DevelopmentCertificate.in(
                                options.data().directory(),
                                machine.hostNames(),
                                Instant.now(),
                                random);
        return Reload.read(options, development);
    }

    private static @Nullable Store open(DataOptions data) throws StartFailure {
        if (!data.durable()) {
            return null;
        }
        try {
            return Store.open(data.directory(), new StoreOptions(data.reserveBytes()));
        } catch (StoreFailure e) {
            throw new StartFailure(String.valueOf(e.getMessage()), e);
        }
    }

    /// What was stored is in its place before anybody can ask for it.
    private void restore() throws StartFailure {
        if (store != null) {
            try {
                network.restore(store);
            } catch (StoreFailure | IllegalStateException e) {
                throw new StartFailure(String.valueOf(e.getMessage()), e);
            }
            store.start(network::post);
            if (logins != null) {
                network.reassessAbsent(logins::absent);
            }
        }
        program.start(network);
    }

    private void listen(MachineNames machine) throws StartFailure {
        ListenerOptions on = options.listeners();
        open("http", "ws", on.bind(), on.http(), null, web(false, machine));
        open("tls", "wss", on.bind(), on.tls(), certificates, web(true, machine));
        open("stomp", "tcp", on.bind(), on.stomp(), null, new Door.Stomp());
        open("stomp-tls", "tls", on.bind(), on.stompTls(), certificates, new Door.Stomp());
        // Last, so that the metrics know of every other listener.
        if (on.admin().on()) {
            open("admin", "http", on.adminBind(), on.admin(), null, admin(machine));
        }
        reload.warnOfDates();
        network.daily(reload::warnOfDates);
        reload.warnOfMissingRules();
        reload.warnOfDeadLetters();
    }

    private Door.Protocol web(boolean tls, MachineNames machine) {
        OriginAndHost check =
                OriginAndHost.of(tls, options.listeners().bind(), machine, options.web());
        ServerCertificate certificate = certificate();
        boolean vouchedFor = certificate != null && !certificate.development();
        HttpPages pages =
                new HttpPages(
                        check,
                        tls,
                        tls && vouchedFor,
                        options.endpoints().keySet(),
                        SwitchboardServer.class.getClassLoader());
        HttpService service =
                (request, address) -> CompletableFuture.completedStage(pages.answer(request));
        return new Door.Web(service, check, endpoints(options), tls && options.web().http2());
    }

    /// Where nobody is asked for a proof and anonymous clients may come from anywhere, all are let
    /// in.
    private static Map<String, Endpoint> endpoints(ServerOptions options) {
        if (options.auth() != null || !options.allowed().contains(Insecure.ANONYMOUS)) {
            return options.endpoints();
        }
        Map<String, Endpoint> open = new LinkedHashMap<>();
        options.endpoints()
                .forEach((path, endpoint) ->
                        open.put(
                                path,
                                endpoint.admission() == Endpoint.Admission.AS_CONFIGURED
                                        ? endpoint.admitting(Endpoint.Admission.ANYONE)
                                        : endpoint));
        return open;
    }

    private Door.Protocol admin(MachineNames machine) throws StartFailure {
        OriginAndHost check =
                OriginAndHost.of(false, options.listeners().adminBind(), machine, options.web());
        Metrics scraped = new Metrics(network, store == null ? null : store::reading);
        metrics = scraped;
        Logins allowed =
                AdminToken.administrators(
                        options.data().directory(),
                        options.listeners().adminUsers(),
                        new SecureRandom());
        administrators = allowed;
        AuditLines lines = new AuditLines(System::nanoTime);
        SessionPages sessions = new SessionPages(network.sessions(), allowed, lines);
        return new Door.Admin(
                new AdminPages(check, scraped::scrape, SessionPages::at, sessions::answer, lines)
                        ::answer);
    }

    private void open(
            String name,
            String scheme,
            InetAddress bind,
            Port port,
            @Nullable Certificates itsCertificates,
            Door.Protocol protocol)
            throws StartFailure {
        if (port.on()) {
            InetSocketAddress wanted = new InetSocketAddress(bind, port.number());
            InetSocketAddress bound =
                    network.listen(
                            new Door(
                                    name,
                                    wanted,
                                    itsCertificates,
                                    options.proxies().protocolOn().contains(name),
                                    protocol));
            listeners.add(new Listener(name, scheme, bound));
        }
    }

    /// In the order http, tls, stomp, stomp-tls, admin; without those that are off.
    public List<Listener> listeners() {
        return List.copyOf(listeners);
    }

    /// What the TLS listeners show to clients that ask for no name; null without any.
    public @Nullable ServerCertificate certificate() {
        Certificates now = reload.certificates();
        return now == null ? null : now.own().getFirst();
    }

    /// Reads again what may change while the server runs: access rules, users, keys of tokens,
    /// certificates. All of it takes the place of what was there, or nothing does. Then the
    /// sessions of users that have gone or have another password end, and live subscriptions are
    /// asked about again. Connections are not touched by another certificate. What else has changed
    /// is named in the log. From any thread; may block.
    ///
    /// @throws StartFailure saying what is wrong; it has been logged
    public void reload(OptionsSource source) throws StartFailure {
        reload.from(source);
    }

    public Readings readings() {
        return network;
    }

    @Override
    public CompletableFuture<Void> publish(
            String destination, Map<String, String> headers, byte[] body, SendOptions send) {
        return program.publisher().publish(destination, headers, body, send);
    }

    /// For a program with access rules of its own: they answer otherwise from now on. All live
    /// subscriptions are asked about again, and those that lost their right end. From any thread.
    public void rulesChanged() {
        network.rulesChanged();
    }

    /// Waits until the server has been closed.
    public void awaitTermination() throws InterruptedException {
        closed.await();
    }

    /// Stops: takes no more connections, tells clients so (WebSockets with 1001), lets them take
    /// what waits for them for as long as the options say, lets handlers finish for as long again,
    /// stores what is to be stored, and ends. Idempotent; waits for the end, whoever began it, so
    /// it is not for a handler.
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            Duration patience = options.limits().shutdownTimeout();
            network.close(patience, () -> program.finish(patience));
            program.close();
            if (store != null) {
                store.close();
            }
            if (logins != null) {
                logins.close();
            }
            if (administrators != null) {
                administrators.close();
            }
            if (metrics != null) {
                metrics.close();
            }
            closed.countDown();
            return;
        }
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
