package io.switchboard.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.switchboard.broker.Overflow;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Retention;
import io.switchboard.gateway.LimitSetting;
import io.switchboard.server.ClientLimits;
import io.switchboard.server.CompressionOptions;
import io.switchboard.server.DataOptions;
import io.switchboard.server.Insecure;
import io.switchboard.server.Port;
import io.switchboard.server.ProxyOptions;
import io.switchboard.server.Rate;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.TlsFiles;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.stomp.HeartBeat;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ConfigurationTest {
    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("switchboard.yaml");
    }

    @Nested
    final class WhatIsChosen {
        @Test
        void nothingIsTheDefaults() throws Exception {
            assertThat(Configuration.read(null, Map.of())).isEqualTo(ServerOptions.DEFAULT);
            assertThat(read("")).isEqualTo(ServerOptions.DEFAULT);
            assertThat(read("# only a remark\n")).isEqualTo(ServerOptions.DEFAULT);
        }

        @Test
        void theExampleIsTheDefaults() throws Exception {
            assertThat(Configuration.read(example(), Map.of())).isEqualTo(ServerOptions.DEFAULT);
        }

        @Test
        void theExampleHasEveryKeyAtLeastInARemark() throws Exception {
            String text = Files.readString(example());

            assertThat(Setting.ALL)
                    .allSatisfy(it -> assertThat(text).containsPattern("(?m)^#?" + it.key() + ":"));
            assertThat(LimitKeys.ALL)
                    .allSatisfy(it -> assertThat(text).containsPattern("(?m)^  " + it.key() + ":"));
        }

        @Test
        void ratesAreGeneralAndByRole() throws Exception {
            ClientLimits limits =
                    read("""
                    limits:
                      frames-per-second: 20
                      bytes-per-second: 64KiB
                      rate-patience: off
                      rates:
                        bot:
                          frames-per-second: 1000
                        guest:
                          bytes-per-second: 1KiB
                          frames-per-second: off
                    """)
                            .limits()
                            .clients();

            assertThat(limits.rate()).isEqualTo(new Rate(20, 64 << 10));
            assertThat(limits.rateByRole())
                    .isEqualTo(Map.of("bot", new Rate(1_000, 0), "guest", new Rate(0, 1 << 10)));
            assertThat(limits.ratePatience()).isZero();
        }

        @Test
        void everySettingOfTheFileGetsWhereItBelongs() throws Exception {
            ServerOptions options =
                    read(
                            """
                            bind: 0.0.0.0
                            http-port: off
                            tls-port: 443
                            stomp-port: 0
                            stomp-tls-port: 61614
                            admin-port: 1
                            admin-bind: ::1
                            shards: 3
                            data-reserve: 1GiB
                            data: /var/lib/switchboard
                            tls-certificate: a.pem
                            tls-key: b.pem
                            allowed-origins: [https://example.com, 'https://*.example.org']
                            allowed-hosts: chat.example.com
                            allow-insecure: [plain-text, anonymous]
                            heart-beat: 1500ms
                            compression: takeover
                            compression-level: 6
                            compression-from: 1KiB
                            trusted-proxies: [10.0.0.0/8, '::1']
                            proxy-protocol: [tls, stomp]
                            echo: [/echo, /a/b]
                            """);

            assertThat(options.listeners().bind()).isEqualTo(InetAddress.getByName("0.0.0.0"));
            assertThat(options.listeners().http()).isEqualTo(Port.OFF);
            assertThat(options.listeners().tls()).isEqualTo(Port.of(443));
            assertThat(options.listeners().stomp()).isEqualTo(Port.FREE);
            assertThat(options.listeners().stompTls()).isEqualTo(Port.of(61614));
            assertThat(options.listeners().admin()).isEqualTo(Port.of(1));
            assertThat(options.listeners().adminBind()).isEqualTo(InetAddress.getByName("::1"));
            assertThat(options.shards()).isEqualTo(3);
            assertThat(options.data())
                    .isEqualTo(new DataOptions(Path.of("/var/lib/switchboard"), true, 1L << 30));
            assertThat(options.tls()).isEqualTo(new TlsFiles(Path.of("a.pem"), Path.of("b.pem")));
            assertThat(options.web().origins())
                    .containsExactly("https://example.com", "https://*.example.org");
            assertThat(options.web().hosts()).containsExactly("chat.example.com");
            assertThat(options.allowed())
                    .containsExactlyInAnyOrder(Insecure.PLAIN_TEXT, Insecure.ANONYMOUS);
            assertThat(options.heartBeat()).isEqualTo(new HeartBeat(1500, 1500));
            assertThat(options.web().compression())
                    .isEqualTo(new CompressionOptions(CompressionOptions.Mode.TAKEOVER, 6, 1024));
            assertThat(options.proxies())
                    .isEqualTo(
                            new ProxyOptions(List.of("10.0.0.0/8", "::1"), Set.of("tls", "stomp")));
            assertThat(options.endpoints())
                    .isEqualTo(Map.of("/echo", Endpoint.echo(), "/a/b", Endpoint.echo()));
        }

        @Test
        void aHistoryIsOnOrHasBoundsOfItsOwn() throws Exception {
            Policies policies =
                    read("""
                    destinations:
                      /topic/**:
                        history: on
                      /topic/room.*:
                        durable: on
                        history:
                          messages: 500
                          bytes: 2MiB
                          age: 24h
                      /topic/young:
                        history:
                          age: 10m
                      /topic/none:
                        history: off
                    limits:
                      history-bytes: 31
                    """)
                            .policies();
            assertThat(policies.of("/topic/a").history()).isEqualTo(Retention.DEFAULT);
            assertThat(policies.of("/topic/a").durable()).isFalse();
            assertThat(policies.of("/topic/room.a").history())
                    .isEqualTo(new Retention(500, 2 << 20, 86_400_000));
            assertThat(policies.of("/topic/room.a").durable()).isTrue();
            assertThat(policies.of("/topic/young").history())
                    .isEqualTo(new Retention(0, 0, 600_000));
            assertThat(policies.of("/topic/none").history()).isNull();
        }

        /// Each limit gets a value of its own, so that two of them changed over would be seen.
        @Test
        void everyLimitGetsWhereItBelongs() throws Exception {
            var limits =
                    read("""
                    limits:
                      connections: 1
                      http-head: 2B
                      connect-timeout: 3ms
                      close-timeout: 4s
                      ping-after: 5m
                      shutdown-timeout: 6h
                      stomp-headers: 7
                      stomp-header-bytes: 8KiB
                      stomp-body: 9MiB
                      before-connected: 10
                      websocket-message: 11GiB
                      websocket-frame: 12
                      websocket-fragments: 13
                      subscriptions-per-session: 14
                      outbound-bytes-per-session: 15
                      outbound-bytes: 16
                      destinations: 17
                      destination-length: 18
                      commands-per-shard: 19
                      command-bytes-per-shard: 20
                      commands-per-session: 21
                      command-bytes-per-session: 22
                      handshakes: 23
                      handshakes-per-address: 24
                      connections-per-address: 25
                      connections-per-user: 26
                      inbound-bytes: 27
                      frames-per-second: 28
                      bytes-per-second: 29
                      rate-patience: 30ms
                    """)
                            .limits();

            assertThat(limits.connections()).isEqualTo(1);
            assertThat(limits.httpHeadBytes()).isEqualTo(2);
            assertThat(limits.connectTimeout()).isEqualTo(Duration.ofMillis(3));
            assertThat(limits.closeTimeout()).isEqualTo(Duration.ofSeconds(4));
            assertThat(limits.pingAfter()).isEqualTo(Duration.ofMinutes(5));
            assertThat(limits.shutdownTimeout()).isEqualTo(Duration.ofHours(6));
            assertThat(limits.stomp().headerCountMax()).isEqualTo(7);
            assertThat(limits.stomp().headerBytesMax()).isEqualTo(8 << 10);
            assertThat(limits.stomp().bodyLengthMax()).isEqualTo(9 << 20);
            assertThat(limits.stomp().beforeConnectedMax()).isEqualTo(10);
            assertThat(limits.webSocket().messageLengthMax()).isEqualTo(11L << 30);
            assertThat(limits.webSocket().frameLengthMax()).isEqualTo(12);
            assertThat(limits.webSocket().fragmentCountMax()).isEqualTo(13);
            assertThat(limits.broker().subscriptionsPerSession()).isEqualTo(14);
            assertThat(limits.broker().outboundBytesPerSession()).isEqualTo(15);
            assertThat(limits.broker().outboundBytes()).isEqualTo(16);
            assertThat(limits.broker().destinations()).isEqualTo(17);
            assertThat(limits.broker().destinationLength()).isEqualTo(18);
            assertThat(limits.broker().commandsPerShard()).isEqualTo(19);
            assertThat(limits.broker().commandBytesPerShard()).isEqualTo(20);
            assertThat(limits.broker().commandsPerSession()).isEqualTo(21);
            assertThat(limits.broker().commandBytesPerSession()).isEqualTo(22);
            assertThat(limits.handshakes()).isEqualTo(23);
            assertThat(limits.handshakesPerAddress()).isEqualTo(24);
            assertThat(limits.clients())
                    .isEqualTo(
                            new ClientLimits(
                                    25, 26, 27, new Rate(28, 29), Map.of(), Duration.ofMillis(30)));
        }

        /// What a client is told to set must be there to be set.
        @ParameterizedTest
        @EnumSource
        void everyLimitThatAnErrorNamesIsAKey(LimitSetting named) {
            var keys =
                    Stream.of(
                                    Setting.ALL.stream().map(Setting::key),
                                    LimitKeys.ALL.stream().map(it -> "limits." + it.key()),
                                    PolicyKey.ALL.stream()
                                            .map(it -> "destinations.<pattern>." + it.key()))
                            .flatMap(it -> it);

            assertThat(keys).contains(named.key());
        }

        @Test
        void destinationsHaveTheirPolicies() throws Exception {
            Policies policies =
                    read("""
                    destinations:
                      /topic/ticker/**:
                        overflow: drop-oldest
                      /queue/orders:
                        dead-letter: /queue/lost-orders
                        redelivery-delay: 5s
                        durable: off
                      /queue/**:
                        max-length: 1000
                        max-deliveries: 3
                        ttl: 168h
                        redelivery-delay: 1s
                    """)
                            .policies();

            Policies.Policy usual = Policies.Policy.DEFAULT;
            assertThat(policies.of("/topic/ticker/a"))
                    .isEqualTo(usual.withOverflow(Overflow.DROP_OLDEST).withDurable(false));
            Policies.Policy ofQueues =
                    usual.withMaxLength(1_000)
                            .withMaxDeliveries(3)
                            .withTtl(Duration.ofDays(7).toMillis())
                            .withRedeliveryDelay(1_000);
            assertThat(policies.of("/queue/mails")).isEqualTo(ofQueues);
            assertThat(policies.of("/queue/orders"))
                    .isEqualTo(
                            ofQueues.withDeadLetter("/queue/lost-orders")
                                    .withRedeliveryDelay(5_000)
                                    .withDurable(false));
        }

        @Test
        void whatIsOffForAMoreSpecificPatternIsOff() throws Exception {
            Policies policies =
                    read("destinations: {/queue/**: {ttl: 1h}, /queue/a: {ttl: off}}").policies();

            assertThat(policies.of("/queue/a").ttlMillis()).isZero();
            assertThat(policies.of("/queue/b").ttlMillis()).isEqualTo(3_600_000);
        }

        @Test
        void aFlagWinsOverTheFile() throws Exception {
            write("http-port: 1\ntls-port: 2\n");

            ServerOptions options =
                    Configuration.read(file, flags("http-port", "3", "heart-beat", "off"));

            assertThat(options.listeners().http()).isEqualTo(Port.of(3));
            assertThat(options.listeners().tls()).isEqualTo(Port.of(2));
            assertThat(options.heartBeat()).isEqualTo(HeartBeat.NONE);
        }
    }

    @Nested
    final class WhatIsWrong {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                textBlock =
                        """
                        http-port: 65536 | line 1: http-port: expected a port (1 to 65535), 0 for a free one, or off but was 65536
                        http-port: -1    | line 1: http-port: expected a port (1 to 65535), 0 for a free one, or off but was -1
                        http-port:       | line 1: http-port: expected a port (1 to 65535), 0 for a free one, or off but was nothing
                        http-port: [1]   | line 1: http-port: expected one value but was a list
                        http-port: {a: b} | line 1: http-port: expected one value but was keys with values
                        bind: no.such.host.invalid | line 1: bind: expected an address of this machine, like 127.0.0.1, 0.0.0.0 or :: but was no.such.host.invalid
                        shards: 65       | line 1: shards: expected a whole number from 1 to 64, or auto but was 65
                        shards: 1.5      | line 1: shards: expected a whole number from 1 to 64, or auto but was 1.5
                        heart-beat: 10   | line 1: heart-beat: expected a time from 1ms to 24h, like 10s, or off but was 10
                        compression: yes | line 1: compression: expected one of off, on, takeover but was yes
                        compression-level: 10 | line 1: compression-level: expected a whole number from 1 to 9 but was 10
                        heart-beat: 25h  | line 1: heart-beat: expected a time from 1ms to 24h, like 10s, or off but was 25h
                        data: ''         | line 1: data: expected the name of a file or directory but was nothing
                        allow-insecure: [tls] | line 1: allow-insecure: expected one of plain-text, development-certificate, anonymous but was tls
                        allowed-origins: [example.com] | line 1: allowed-origins: expected an origin like https://example.com, https://example.com:8443 or https://*.example.com but was example.com
                        allowed-hosts: ['a:80'] | line 1: allowed-hosts: expected a host name or address without a port, like chat.example.com but was a:80
                        trusted-proxies: [10.0.0.1/8] | line 1: trusted-proxies: expected an address or a network, like 192.0.2.7, 10.0.0.0/8 or fd00::/8 but was 10.0.0.1/8
                        proxy-protocol: [https] | line 1: proxy-protocol: expected one of http, tls, stomp, stomp-tls, admin but was https
                        echo: echo       | line 1: echo: expected a path like /echo, other than /ws and /health but was echo
                        echo: [/ws]      | line 1: echo: expected a path like /echo, other than /ws and /health but was /ws
                        allowed-hosts: [[a]] | line 1: allowed-hosts: expected one value but was a list
                        allowed-hosts: {a: b} | line 1: allowed-hosts: expected a list of values but was keys with values
                        limits: {stomp-body: 1MB} | line 1: limits.stomp-body: expected a size from 1B to 1GiB, like 64KiB or 1MiB but was 1MB
                        limits: {stomp-body: 0} | line 1: limits.stomp-body: expected a size from 1B to 1GiB, like 64KiB or 1MiB but was 0
                        limits: {stomp-body: 2GiB} | line 1: limits.stomp-body: expected a size from 1B to 1GiB, like 64KiB or 1MiB but was 2GiB
                        limits: {outbound-bytes: 100%} | line 1: limits.outbound-bytes: expected a size like 256MiB, or a share of the heap from 1% to 99% but was 100%
                        limits: {destinations: 0} | line 1: limits.destinations: expected a whole number from 1 to 1000000000 but was 0
                        limits: {connect-timeout: never} | line 1: limits.connect-timeout: expected a time from 1ms to 24h, like 500ms, 10s or 5m but was never
                        limits: {connections-per-user: 0} | line 1: limits.connections-per-user: expected a whole number from 1 to 1000000000, or off but was 0
                        limits: {bytes-per-second: many} | line 1: limits.bytes-per-second: expected a size like 64KiB, or off but was many
                        limits: {rates: {bot: 5}} | line 1: limits.rates.bot: expected keys with values but was 5
                        limits: {rates: {bot: {frames-per-second: 0}}} | line 1: limits.rates.bot.frames-per-second: expected a whole number from 1 to 1000000000, or off but was 0
                        limits: {rates: {bot: {frame-per-second: 5}}} | line 1: limits.rates.bot.frame-per-second: there is no such key; did you mean frames-per-second?
                        limits: 5        | line 1: limits: expected keys with values but was 5
                        destinations: {/topic/a: {overflow: block}} | line 1: destinations./topic/a.overflow: expected one of disconnect, drop-oldest, drop-newest, conflate but was block
                        destinations: {/queue/a: {dead-letter: /queue/*}} | line 1: destinations./queue/a.dead-letter: expected the name of a topic or queue, like /queue/dead-letters but was /queue/*
                        destinations: {/queue/a: {dead-letter: /app/x}} | line 1: destinations./queue/a.dead-letter: expected the name of a topic or queue, like /queue/dead-letters but was /app/x
                        destinations: {/queue/a: {ttl: 9999h}} | line 1: destinations./queue/a.ttl: expected a time from 1ms to 8760h, like 10s, or off but was 9999h
                        destinations: {/queue/a: {max-length: 0}} | line 1: destinations./queue/a.max-length: expected a whole number from 1 to 1000000000 but was 0
                        destinations: {/queue/a: {durable: true}} | line 1: destinations./queue/a.durable: expected on or off but was true
                        destinations: {/topic/a: drop-oldest} | line 1: destinations./topic/a: expected keys with values but was drop-oldest
                        - http-port      | line 1: expected keys with values but was a list
                        just words       | line 1: expected keys with values but was just words
                        '[a]: b'         | line 1: expected a key but was a list
                        """)
        void isSaidOnOneLine(String yaml, String expected) {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> read(yaml + "\n"))
                    .withMessage(file + " " + expected);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                textBlock =
                        """
                        httpPort: 1      | httpPort: there is no such key; did you mean http-port?
                        tls_port: 1      | tls_port: there is no such key; did you mean tls-port?
                        stomp-prot: 1    | stomp-prot: there is no such key; did you mean stomp-port?
                        ports: 1         | ports: there is no such key; known are access, admin-bind, admin-port, admin-users, allow-insecure, allowed-hosts, allowed-origins, auth, bind, compression, compression-from, compression-level, data, data-reserve, destinations, echo, heart-beat, http-port, http2, limits, proxy-protocol, shards, stomp-port, stomp-tls-port, tls-certificate, tls-client-auth, tls-client-ca, tls-key, tls-port, trusted-proxies
                        stomp-body: 1KiB | stomp-body: there is no such key; it belongs below limits
                        limits: {stomp-bodies: 1} | limits.stomp-bodies: there is no such key; did you mean stomp-body?
                        destinations: {/topic/a: {overflows: disconnect}} | destinations./topic/a.overflows: there is no such key; did you mean overflow?
                        destinations: {/topic/a: {colour: 5}} | destinations./topic/a.colour: there is no such key; known are compress, dead-letter, durable, history, max-deliveries, max-length, overflow, presence, redelivery-delay, state, ttl
                        destinations: {/topic/a: {history: {days: 5}}} | destinations./topic/a.history.days: there is no such key; known are age, bytes, messages
                        """)
        void anUnknownKeyComesWithTheNearestKnownOne(String yaml, String expected) {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> read("# a remark\n\n" + yaml + "\n"))
                    .withMessage(file + " line 3: " + expected);
        }

        @Test
        void theLineIsThatOfTheValue() {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() ->
                            read(
                                    """
                                    http-port: 8080
                                    limits:
                                      connections: auto
                                      stomp-body: much
                                    """))
                    .withMessageStartingWith(file + " line 4: limits.stomp-body: ");
        }

        @Test
        void proxyHeadersAreOfSomebodyWhoIsTrusted() {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> read("proxy-protocol: tls\n"))
                    .withMessage(
                            "proxy-protocol needs trusted-proxies beside it: who is to be"
                                    + " believed?");
        }

        @Test
        void aKeyStandsOnlyOnce() {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> read("data: a\nshards: 1\ndata: b\n"))
                    .withMessage(file + " line 3: data: stands here again, first on line 1");
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> read("limits:\n  stomp-body: 1B\n  stomp-body: 2B\n"))
                    .withMessage(
                            file
                                    + " line 3: limits.stomp-body: stands here again, first on line"
                                    + " 2");
        }

        @Test
        void aDestinationIsANameOrPattern() {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(
                            () -> read("destinations:\n  /nowhere:\n    overflow: disconnect\n"))
                    .withMessageStartingWith(file + " line 2: destinations./nowhere: expected ")
                    .withMessageNotContaining("\n");
        }

        @Test
        void whatIsNotYamlIsSaidWithItsLine() {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> read("http-port: 8080\ndata: 'x\n"))
                    .withMessageStartingWith(file + " line 3: this is not YAML: ")
                    .withMessageNotContaining("\n");
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> read("data: a\n---\ndata: b\n"))
                    .withMessageStartingWith(file + " line 2: this is not YAML: ")
                    .withMessageNotContaining("\n");
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> read("data: \u0000\n"))
                    .withMessageStartingWith(file + ": this is not YAML: ")
                    .withMessageNotContaining("\n");
        }

        @Test
        void aValueIsShownOnOneLineAndShort() {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> read("shards: \"a\\nb\\u001b[2J" + "x".repeat(200) + "\"\n"))
                    .withMessageEndingWith("but was a?b?[2J" + "x".repeat(53) + "…");
        }

        @Test
        void aFileThatCannotBeReadIsNamed() throws IOException {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> Configuration.read(file, Map.of()))
                    .withMessage("--config " + file + ": cannot be read: there is no such file");
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> Configuration.read(folder, Map.of()))
                    .withMessageStartingWith("--config " + folder + ": cannot be read: ");
            Files.write(file, "data: Zürich".getBytes(StandardCharsets.ISO_8859_1));
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> Configuration.read(file, Map.of()))
                    .withMessage("--config " + file + ": cannot be read: it is not UTF-8 text");
        }

        @Test
        void aFlagIsNamedByItself() {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> Configuration.read(null, flags("tls-port", "on")))
                    .withMessage(
                            "--tls-port: expected a port (1 to 65535), 0 for a free one, or off"
                                    + " but was on");
        }

        @Test
        void aCertificateNeedsItsKey() {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> Configuration.read(null, flags("tls-certificate", "a")))
                    .withMessage("tls-certificate needs tls-key beside it: set both, or neither");
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> Configuration.read(null, flags("tls-key", "a")))
                    .withMessage("tls-key needs tls-certificate beside it: set both, or neither");
        }
    }

    private ServerOptions read(String yaml) throws IOException, StartFailure {
        write(yaml);
        return Configuration.read(file, Map.of());
    }

    private void write(String yaml) throws IOException {
        Files.writeString(file, yaml);
    }

    private static Map<Setting, List<String>> flags(String... keysAndValues) {
        Map<String, Setting> byKey =
                Setting.ALL.stream().collect(Collectors.toMap(Setting::key, it -> it));
        Map<Setting, List<String>> flags = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            flags.put(byKey.get(keysAndValues[i]), List.of(keysAndValues[i + 1]));
        }
        return flags;
    }

    private static Path example() {
        return Path.of("..", "docs", "switchboard.example.yaml");
    }
}
