package io.switchboard.server.config;

import io.switchboard.server.CompressionOptions;
import io.switchboard.server.Insecure;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.http.HttpPages;
import io.switchboard.server.http.OriginAndHost;
import io.switchboard.server.http.TrustedProxies;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/// One thing that an operator may choose, by the same key as a flag (`--http-port`) and in the file
/// (`http-port:`).
public final class Setting {
    /// All of them, in the order of a help text.
    public static final List<Setting> ALL =
            List.of(
                    one(
                            "bind",
                            "ADDR",
                            "Address to listen on (127.0.0.1)",
                            (d, v) -> d.bind = v.address()),
                    one(
                            "http-port",
                            "PORT",
                            "WebSocket and pages without TLS (8080)",
                            (d, v) -> d.http = v.port()),
                    one(
                            "tls-port",
                            "PORT",
                            "WebSocket and pages with TLS (8443)",
                            (d, v) -> d.tls = v.port()),
                    one(
                            "stomp-port",
                            "PORT",
                            "STOMP over TCP without TLS (61613)",
                            (d, v) -> d.stomp = v.port()),
                    one(
                            "stomp-tls-port",
                            "PORT",
                            "STOMP over TCP with TLS, 61614 by custom (off)",
                            (d, v) -> d.stompTls = v.port()),
                    one(
                            "admin-port",
                            "PORT",
                            "Metrics and administration, without TLS (9090)",
                            (d, v) -> d.admin = v.port()),
                    one(
                            "admin-bind",
                            "ADDR",
                            "Address of the admin port (127.0.0.1)",
                            (d, v) -> d.adminBind = v.address()),
                    one(
                            "admin-users",
                            "FILE",
                            "Who may administer, made by switchboard passwd (whoever can read the"
                                    + " token in the data directory)",
                            (d, v) -> d.adminUsers = v.path()),
                    one(
                            "shards",
                            "N",
                            "Event loops, 1 to 64 (auto: one a core)",
                            (d, v) ->
                                    d.shards =
                                            v.countOrAuto(
                                                    1,
                                                    ServerOptions.SHARDS_MAX,
                                                    ServerOptions.DEFAULT.shards())),
                    one(
                            "data",
                            "DIR",
                            "Where messages are kept, and the server's other files; without it"
                                    + " messages end with the process",
                            (d, v) -> d.data = d.data.in(v.path())),
                    one(
                            "data-reserve",
                            "SIZE",
                            "Free space on that disk below which no more messages are stored"
                                    + " (64MiB)",
                            (d, v) -> d.data = d.data.withReserve(v.size(1L << 40))),
                    several(
                            "tls-certificate",
                            "FILE",
                            "Certificate chain, PEM (one for development, made at the first"
                                    + " start); of several the first is for clients that ask for"
                                    + " no name or another",
                            (d, v) -> d.tlsCertificates = paths(v)),
                    several(
                            "tls-key",
                            "FILE",
                            "Its private key, PEM; of several in the same order",
                            (d, v) -> d.tlsKeys = paths(v)),
                    one(
                            "tls-client-ca",
                            "FILE",
                            "Certificates that may vouch for clients, PEM",
                            (d, v) -> d.tlsClientCa = v.path()),
                    one(
                            "tls-client-auth",
                            "off|want|need",
                            "Whether clients are asked for a certificate (off)",
                            (d, v) ->
                                    d.tlsClientAuth =
                                            v.word(
                                                    Draft.ClientAuth.values(),
                                                    Draft.ClientAuth::text)),
                    several(
                            "allowed-origins",
                            "ORIGIN",
                            "Whose pages may connect besides the server's own: https://example.com,"
                                    + " https://*.example.com",
                            (d, v) -> d.origins = v.each(OriginAndHost::checkOrigin)),
                    several(
                            "allowed-hosts",
                            "NAME",
                            "Names that clients may call the server by, besides those of the"
                                    + " listener's address",
                            (d, v) -> d.hosts = v.each(OriginAndHost::checkHost)),
                    one(
                            "http2",
                            "on|off",
                            "Offer HTTP/2 on the TLS port, beside HTTP/1.1 (on)",
                            (d, v) -> d.http2 = v.onOrOff()),
                    several(
                            "trusted-proxies",
                            "NETWORK",
                            "Proxies that are believed whom they speak for, in PROXY headers and in"
                                    + " Forwarded or X-Forwarded-For: 10.0.0.0/8, 192.0.2.7",
                            (d, v) -> d.trustedProxies = v.each(TrustedProxies::check)),
                    several(
                            "proxy-protocol",
                            "LISTENER",
                            "Where they begin with a PROXY header, version 1 or 2: http, tls,"
                                    + " stomp, stomp-tls, admin",
                            (d, v) -> d.proxyProtocol = listeners(v)),
                    several(
                            "allow-insecure",
                            "WHAT",
                            "Allow off this machine what is for loopback: plain-text,"
                                    + " development-certificate, anonymous",
                            (d, v) -> d.allowed = words(v)),
                    one(
                            "compression",
                            "MODE",
                            "Of WebSocket messages: off, on, or takeover, where they may refer"
                                    + " back to earlier ones (on)",
                            (d, v) ->
                                    d.compression =
                                            v.word(
                                                    CompressionOptions.Mode.values(),
                                                    CompressionOptions.Mode::text)),
                    one(
                            "compression-level",
                            "N",
                            "From 1, the fastest, to 9, the smallest (1)",
                            (d, v) -> d.compressionLevel = v.count(1, 9)),
                    one(
                            "compression-from",
                            "SIZE",
                            "Shorter messages leave as they are (1KiB)",
                            (d, v) -> d.compressionFrom = v.length()),
                    one(
                            "heart-beat",
                            "TIME",
                            "Heart-beats offered to STOMP clients, or off (10s)",
                            (d, v) -> d.heartBeatMillis = (int) v.durationOrOff().toMillis()),
                    several(
                            "echo",
                            "PATH",
                            "Where a WebSocket without STOMP sends back what it gets, for trying"
                                    + " and measuring: /echo (nowhere)",
                            (d, v) -> d.echoes = v.each(HttpPages::checkEndpointPath)));

    private static final String[] LISTENERS = {"http", "tls", "stomp", "stomp-tls", "admin"};

    private final String key;
    private final String label;
    private final String description;
    private final boolean list;
    private final BiConsumer<Draft, Value> change;

    private Setting(
            String key,
            String label,
            String description,
            boolean list,
            BiConsumer<Draft, Value> change) {
        this.key = key;
        this.label = label;
        this.description = description;
        this.list = list;
        this.change = change;
    }

    private static Setting one(
            String key, String label, String description, BiConsumer<Draft, Value> change) {
        return new Setting(key, label, description, false, change);
    }

    private static Setting several(
            String key, String label, String description, BiConsumer<Draft, Value> change) {
        return new Setting(key, label, description, true, change);
    }

    /// A bound: its place in a file is below `limits`, and it is no flag.
    static Setting limit(String key, BiConsumer<Draft, Value> change) {
        return new Setting(key, "", "", false, change);
    }

    /// Of a section of the file, and no flag.
    static Setting inFile(String key, boolean list, BiConsumer<Draft, Value> change) {
        return new Setting(key, "", "", list, change);
    }

    /// Without the dashes of the flag.
    public String key() {
        return key;
    }

    /// What stands for the value in a help text.
    public String label() {
        return label;
    }

    /// For a help text, with the default in round brackets.
    public String description() {
        return description;
    }

    /// Whether there may be several values.
    public boolean list() {
        return list;
    }

    void apply(Draft draft, Value value) {
        change.accept(draft, value);
    }

    private static List<Path> paths(Value value) {
        return value.texts().stream().map(each -> Value.of(each).path()).toList();
    }

    private static Set<String> listeners(Value value) {
        Set<String> names = new LinkedHashSet<>();
        for (String text : value.texts()) {
            names.add(Value.of(text).word(LISTENERS, it -> it));
        }
        return names;
    }

    private static Set<Insecure> words(Value value) {
        Set<Insecure> words = EnumSet.noneOf(Insecure.class);
        for (String text : value.texts()) {
            words.add(Value.of(text).word(Insecure.values(), Insecure::text));
        }
        return words;
    }
}
