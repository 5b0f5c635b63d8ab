package io.switchboard.server;

import io.switchboard.broker.DeadLetterReaders;
import io.switchboard.broker.Principal;
import io.switchboard.broker.RuleSet;
import io.switchboard.server.access.LiveRules;
import io.switchboard.server.auth.AuditLog;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.Logins;
import io.switchboard.server.tls.Certificates;
import io.switchboard.server.tls.ClientAuthorities;
import io.switchboard.server.tls.PemFiles;
import io.switchboard.server.tls.ServerCertificate;
import io.switchboard.server.transport.Network;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What of a running server may be replaced: the rules, users, keys and certificates. All of it or
/// nothing: everything is read and looked at before anything changes. Guarded by itself.
final class Reload {
    private static final Logger LOG = LoggerFactory.getLogger(Reload.class);

    private final Network network;

    /// Null where the program has rules of its own.
    private final @Nullable LiveRules rules;

    private final @Nullable Logins logins;

    /// As it is now.
    private ServerOptions options;

    private @Nullable Certificates certificates;

    /// What was said last of their dates.
    private List<String> concerns = List.of();

    /// @param certificates null without TLS
    Reload(
            Network network,
            @Nullable LiveRules rules,
            @Nullable Logins logins,
            ServerOptions options,
            @Nullable Certificates certificates) {
        this.network = network;
        this.rules = rules;
        this.logins = logins;
        this.options = options;
        this.certificates = certificates;
    }

    /// What the TLS listeners show; null without any.
    static @Nullable Certificates read(
            ServerOptions options, @Nullable ServerCertificate development) throws StartFailure {
        TlsFiles files = options.tls();
        if (files == null && development == null) {
            return null;
        }
        ClientCertificates clients = options.clientCertificates();
        ClientAuthorities authorities = clients == null ? null : PemFiles.read(clients);
        List<ServerCertificate> own =
                files != null
                        ? PemFiles.readAll(files)
                        : List.of(Objects.requireNonNull(development));
        return new Certificates(own, authorities);
    }

    synchronized @Nullable Certificates certificates() {
        return certificates;
    }

    /// @throws StartFailure saying what is wrong, and in which file; then nothing has changed
    synchronized void from(OptionsSource source) throws StartFailure {
        Map<String, Object> before = inForce();
        try {
            replace(source.read());
        } catch (StartFailure e) {
            LOG.error("nothing was reloaded, what was there before goes on: {}", e.getMessage());
            AuditLog.reloadRefused(e.getMessage());
            throw e;
        }
        LOG.info("reloaded");
        Map<String, Object> now = inForce();
        AuditLog.reloaded(
                now.keySet().stream()
                        .filter(it -> !Objects.equals(now.get(it), before.get(it)))
                        .sorted()
                        .collect(Collectors.joining(", ")));
    }

    /// By the words of the configuration. To be compared alone: passwords' hashes and keys are in
    /// it.
    private Map<String, Object> inForce() {
        Map<String, Object> found = new LinkedHashMap<>();
        if (rules != null) {
            // Neither their order nor on which line they stand means anything.
            found.put(
                    "access",
                    options.access().rules().stream()
                            .map(it -> List.of(it.action(), it.destinations(), it.who()))
                            .collect(Collectors.toSet()));
        }
        if (logins != null) {
            found.putAll(logins.inForce());
        }
        if (certificates != null) {
            ClientAuthorities clients = certificates.clients();
            found.put("tls-certificate", certificates.own());
            found.put("tls-client-ca", clients == null ? List.of() : clients.certificates());
            found.put("tls-client-auth", clients != null && clients.needed());
        }
        return found;
    }

    private void replace(ServerOptions read) throws StartFailure {
        if (read.access().empty() && !options.access().empty()) {
            throw new StartFailure(
                    "expected access rules, as there were before (the first: "
                            + options.access().rules().getFirst().source()
                            + "), but there are none any more: without any, clients of this"
                            + " machine may do everything; put them back, or restart the server if"
                            + " that is meant");
        }
        boolean same = (read.auth() == null) == (options.auth() == null);
        AuthOptions auth = same ? read.auth() : options.auth();
        ServerOptions next =
                options.withTls(certificates == null ? options.tls() : read.tls())
                        .withAccess(read.access())
                        .withClientCertificates(read.clientCertificates())
                        .withAuth(auth);
        LoopbackRule.check(next);
        Certificates nextCertificates = certificates == null ? null : read(next, development());
        Runnable tls = nextCertificates == null ? () -> {} : network.prepare(nextCertificates);
        Supplier<Function<Principal, @Nullable Principal>> who =
                logins == null || auth == null ? null : logins.reread(auth);
        // Nothing fails from here on.
        tls.run();
        certificates = nextCertificates;
        if (rules != null) {
            rules.replace(next.access());
        }
        if (logins != null && who != null) {
            network.reassess(who.get());
            network.reassessAbsent(logins::absent);
        }
        network.rulesChanged();
        RuleSet before = options.access();
        options = next;
        for (String what : needRestart(read)) {
            LOG.warn("{} has changed, which needs a restart", what);
        }
        warnOfOtherDates();
        warnOfMissingRules();
        if (!read.access().rules().equals(before.rules())) {
            warnOfDeadLetters();
        }
    }

    private @Nullable ServerCertificate development() {
        Certificates now = certificates;
        return now != null && now.own().getFirst().development() ? now.own().getFirst() : null;
    }

    /// Says which certificates clients refuse, or soon will.
    synchronized void warnOfDates() {
        concerns = concerns();
        concerns.forEach(each -> LOG.warn("{}", each));
    }

    /// The same, as far as it has not been said.
    private void warnOfOtherDates() {
        List<String> before = concerns;
        concerns = concerns();
        concerns.stream().filter(it -> !before.contains(it)).forEach(it -> LOG.warn("{}", it));
    }

    private List<String> concerns() {
        List<String> found = new ArrayList<>();
        if (certificates != null) {
            for (ServerCertificate each : certificates.own()) {
                String concern = each.concern(Instant.now());
                if (concern != null) {
                    found.add(concern);
                }
            }
        }
        return found;
    }

    /// Says who may read among the dead letters what they may not read where it came from.
    synchronized void warnOfDeadLetters() {
        DeadLetterReaders.warnings(options.access(), options.policies())
                .forEach(each -> LOG.warn("{}", each));
    }

    /// Who can log in may do nothing yet, which an operator could take for a mistake of ours.
    synchronized void warnOfMissingRules() {
        boolean elsewhere = !options.listeners().bind().isLoopbackAddress();
        boolean closed = rules != null && options.access().empty();
        if (elsewhere
                && closed
                && options.auth() != null
                && !options.allowed().contains(Insecure.ANONYMOUS)) {
            LOG.warn(
                    "auth is there and access has no rule: clients from other machines are refused,"
                            + " whoever they are; say in access what they may do");
        }
    }

    private List<String> needRestart(ServerOptions read) {
        List<String> changed = new ArrayList<>();
        compare("a listener (bind, a port)", options.listeners(), read.listeners(), changed);
        compare("shards", options.shards(), read.shards(), changed);
        compare("data", options.data(), read.data(), changed);
        compare(
                "allowed-origins, allowed-hosts, http2 or compression",
                options.web(),
                read.web(),
                changed);
        compare("trusted-proxies or proxy-protocol", options.proxies(), read.proxies(), changed);
        compare("heart-beat", options.heartBeat(), read.heartBeat(), changed);
        compare("limits", options.limits(), read.limits(), changed);
        compare("destinations", true, options.policies().same(read.policies()), changed);
        compare("allow-insecure", options.allowed(), read.allowed(), changed);
        compare("echo", options.endpoints().keySet(), read.endpoints().keySet(), changed);
        compare("whether there is auth", options.auth() == null, read.auth() == null, changed);
        return changed;
    }

    private static void compare(String what, Object before, Object now, List<String> changed) {
        if (!before.equals(now)) {
            changed.add(what);
        }
    }
}
