package io.switchboard.server;

import io.switchboard.broker.Policies;
import io.switchboard.broker.RuleSet;
import io.switchboard.server.app.App;
import io.switchboard.server.app.AppHandler;
import io.switchboard.server.app.SessionListener;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.TokenOptions;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.server.http.HttpPages;
import io.switchboard.stomp.HeartBeat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What an operator may choose.
///
/// @param shards how many event loops the broker is spread over
/// @param data where the server keeps its files; messages too, if they are to outlive it
/// @param tls the certificate; null for the development certificate
/// @param proxies in front of the server
/// @param heartBeat offered to STOMP clients
/// @param policies by destination
/// @param access who may send and subscribe where; with no rule, local clients anywhere
/// @param allowed what else than loopback listeners may be used for
/// @param endpoints WebSockets without STOMP, by path; for the program that embeds the server
/// @param app what that program does with `/app/…`
/// @param clientCertificates null if clients are not asked for one
/// @param auth who may log in; null if everybody is believed the name that it gives
public record ServerOptions(
        ListenerOptions listeners,
        int shards,
        DataOptions data,
        @Nullable TlsFiles tls,
        WebOptions web,
        ProxyOptions proxies,
        HeartBeat heartBeat,
        ServerLimits limits,
        Policies policies,
        RuleSet access,
        Set<Insecure> allowed,
        Map<String, Endpoint> endpoints,
        App app,
        @Nullable ClientCertificates clientCertificates,
        @Nullable AuthOptions auth) {
    /// More loops than this are not put to use by any machine that this was thought for.
    public static final int SHARDS_MAX = 64;

    public static final ServerOptions DEFAULT =
            new ServerOptions(
                    ListenerOptions.DEFAULT,
                    Math.min(Runtime.getRuntime().availableProcessors(), SHARDS_MAX),
                    DataOptions.DEFAULT,
                    null,
                    WebOptions.DEFAULT,
                    ProxyOptions.NONE,
                    new HeartBeat(10_000, 10_000),
                    ServerLimits.DEFAULT,
                    Policies.DEFAULT,
                    RuleSet.EMPTY,
                    Set.of(),
                    Map.of(),
                    App.NONE,
                    null,
                    null);

    public ServerOptions {
        if (shards < 1 || shards > SHARDS_MAX) {
            throw new IllegalArgumentException(
                    "expected 1 to " + SHARDS_MAX + " shards but was " + shards);
        }
        allowed = Set.copyOf(allowed);
        endpoints = Map.copyOf(endpoints);
        endpoints.keySet().forEach(HttpPages::checkEndpointPath);
    }

    /// The files beside the configuration whose content may change while the server runs.
    public List<Path> watchedFiles() {
        List<Path> files = new ArrayList<>();
        if (tls != null) {
            files.addAll(List.of(tls.certificate(), tls.key()));
            tls.others().forEach(it -> files.addAll(List.of(it.certificate(), it.key())));
        }
        if (clientCertificates != null) {
            files.add(clientCertificates.authorities());
        }
        if (auth != null && auth.users() != null) {
            files.add(auth.users());
        }
        TokenOptions tokens = auth == null ? null : auth.tokens();
        if (tokens != null && tokens.keys() != null) {
            files.add(tokens.keys());
        }
        return files;
    }

    public ServerOptions withListeners(ListenerOptions options) {
        return with(it -> it.listeners = options);
    }

    public ServerOptions withShards(int count) {
        return with(it -> it.shards = count);
    }

    /// Keeps its files there, and messages to durable destinations too: they outlive the process.
    public ServerOptions withData(Path directory) {
        return withData(data.in(directory));
    }

    /// Keeps its files there, but no messages.
    public ServerOptions withFiles(Path directory) {
        return withData(data.withoutMessagesIn(directory));
    }

    public ServerOptions withData(DataOptions options) {
        return with(it -> it.data = options);
    }

    public ServerOptions withTls(@Nullable TlsFiles files) {
        return with(it -> it.tls = files);
    }

    public ServerOptions withWeb(WebOptions options) {
        return with(it -> it.web = options);
    }

    public ServerOptions withProxies(ProxyOptions options) {
        return with(it -> it.proxies = options);
    }

    public ServerOptions withHeartBeat(HeartBeat offered) {
        return with(it -> it.heartBeat = offered);
    }

    public ServerOptions withLimits(ServerLimits bounds) {
        return with(it -> it.limits = bounds);
    }

    public ServerOptions withPolicies(Policies byDestination) {
        return with(it -> it.policies = byDestination);
    }

    public ServerOptions withAccess(RuleSet rules) {
        return with(it -> it.access = rules);
    }

    public ServerOptions withAllowed(Set<Insecure> words) {
        return with(it -> it.allowed = words);
    }

    /// With one more.
    ///
    /// @param path such as `/game`; `/ws` is STOMP's
    public ServerOptions withEndpoint(String path, Endpoint endpoint) {
        Map<String, Endpoint> more = new LinkedHashMap<>(endpoints);
        more.put(path, endpoint);
        return with(it -> it.endpoints = more);
    }

    /// With one more handler of what clients send below `/app/`.
    ///
    /// @param pattern like `/app/rooms/{room}/say`: see [App#withHandler]
    /// @throws IllegalArgumentException if the pattern is none or its destinations have a handler
    public ServerOptions withHandler(String pattern, AppHandler handler) {
        return withApp(app.withHandler(pattern, handler));
    }

    /// With one more listener to clients that come and go.
    public ServerOptions withSessionListener(SessionListener listener) {
        return withApp(app.withSessionListener(listener));
    }

    public ServerOptions withApp(App program) {
        return with(it -> it.app = program);
    }

    public ServerOptions withClientCertificates(@Nullable ClientCertificates clients) {
        return with(it -> it.clientCertificates = clients);
    }

    public ServerOptions withAuth(@Nullable AuthOptions options) {
        return with(it -> it.auth = options);
    }

    private ServerOptions with(Consumer<Values> change) {
        Values values = new Values(this);
        change.accept(values);
        return values.together();
    }

    /// What is copied with changes: a record cannot be.
    private static final class Values {
        ListenerOptions listeners;
        int shards;
        DataOptions data;
        @Nullable TlsFiles tls;
        WebOptions web;
        ProxyOptions proxies;
        HeartBeat heartBeat;
        ServerLimits limits;
        Policies policies;
        RuleSet access;
        Set<Insecure> allowed;
        Map<String, Endpoint> endpoints;
        App app;
        @Nullable ClientCertificates clientCertificates;
        @Nullable AuthOptions auth;

        Values(ServerOptions from) {
            listeners = from.listeners;
            shards = from.shards;
            data = from.data;
            tls = from.tls;
            web = from.web;
            proxies = from.proxies;
            heartBeat = from.heartBeat;
            limits = from.limits;
            policies = from.policies;
            access = from.access;
            allowed = from.allowed;
            endpoints = from.endpoints;
            app = from.app;
            clientCertificates = from.clientCertificates;
            auth = from.auth;
        }

        ServerOptions together() {
            return new ServerOptions(
                    listeners,
                    shards,
                    data,
                    tls,
                    web,
                    proxies,
                    heartBeat,
                    limits,
                    policies,
                    access,
                    allowed,
                    endpoints,
                    app,
                    clientCertificates,
                    auth);
        }
    }
}
