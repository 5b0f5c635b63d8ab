package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.TlsFiles;
import io.switchboard.server.tls.PemFiles;
import io.switchboard.server.tls.ServerCertificate;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Which certificate a client is shown, and what is agreed with it.
final class TlsTest {
    @TempDir private Path folder;
    private TestCertificates certificates;
    private TlsFiles two;

    @BeforeEach
    void make() throws Exception {
        certificates = new TestCertificates(folder);
        TlsFiles first = certificates.of("first.example");
        two =
                new TlsFiles(
                        first.certificate(),
                        first.key(),
                        List.of(
                                certificates.of("second.example"),
                                certificates.of("*.third.example")));
    }

    private static SwitchboardServer start(TlsFiles files) throws StartFailure {
        return Servers.start(Servers.options().withTls(files));
    }

    private static SSLSocket connect(
            InetSocketAddress address, String name, String version, String... protocols)
            throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(address.getAddress(), address.getPort());
        socket.setSoTimeout((int) Client.PATIENCE.toMillis());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        if (name != null) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        if (version != null) {
            parameters.setProtocols(new String[] {version});
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /// Who the server says it is to a client that asks for a name.
    private static String shown(SwitchboardServer server, String name, String... protocols)
            throws Exception {
        try (SSLSocket socket = connect(Servers.address(server, "tls"), name, null, protocols)) {
            if (protocols.length > 0) {
                assertThat(socket.getApplicationProtocol()).isEqualTo(protocols[0]);
            }
            return subject(socket);
        }
    }

    private static String subject(SSLSocket socket) throws Exception {
        X509Certificate first = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        return first.getSubjectX500Principal().getName();
    }

    @Test
    void theCertificateIsTheOneOfTheNameThatIsAskedFor() throws Exception {
        try (SwitchboardServer server = start(two)) {
            for (String protocol : new String[] {"h2", "http/1.1"}) {
                assertThat(shown(server, "first.example", protocol)).isEqualTo("CN=first.example");
                assertThat(shown(server, "second.example", protocol))
                        .isEqualTo("CN=second.example");
                assertThat(shown(server, "SECOND.example", protocol))
                        .isEqualTo("CN=second.example");
                assertThat(shown(server, "a.third.example", protocol))
                        .isEqualTo("CN=*.third.example");
            }
        }
    }

    @Test
    void withoutANameOrWithAnotherItIsTheFirst() throws Exception {
        try (SwitchboardServer server = start(two)) {
            assertThat(shown(server, null, "h2")).isEqualTo("CN=first.example");
            assertThat(shown(server, "elsewhere.example", "h2")).isEqualTo("CN=first.example");
            assertThat(shown(server, "second.example")).isEqualTo("CN=second.example");
        }
    }

    @Test
    void aWebSocketIsOpenedBehindIt() throws Exception {
        try (SwitchboardServer server = start(two);
                SSLSocket socket =
                        connect(
                                Servers.address(server, "tls"),
                                "second.example",
                                null,
                                "http/1.1")) {
            Client client = Client.of(socket);
            client.upgraded();
            client.sendText("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
            assertThat(client.text()).startsWith("CONNECTED\n");
        }
    }

    @Test
    void tls12And13AreSpokenWithForwardSecrecyAlone() throws Exception {
        for (TlsFiles files : List.of(two, new TlsFiles(two.certificate(), two.key()))) {
            try (SwitchboardServer server = start(files)) {
                InetSocketAddress address = Servers.address(server, "tls");
                for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
                    try (SSLSocket socket = connect(address, null, version)) {
                        assertThat(socket.getSession().getProtocol()).isEqualTo(version);
                        assertThat(socket.getSession().getCipherSuite())
                                .containsAnyOf("_GCM_", "CHACHA20")
                                .doesNotContain("TLS_RSA_");
                    }
                }
                assertThatThrownBy(
                                () -> {
                                    SSLContext context = SSLContext.getInstance("TLS");
                                    context.init(
                                            null,
                                            InsecureTrustManagerFactory.INSTANCE.getTrustManagers(),
                                            null);
                                    try (SSLSocket socket =
                                            (SSLSocket)
                                                    context.getSocketFactory()
                                                            .createSocket(
                                                                    address.getAddress(),
                                                                    address.getPort())) {
                                        socket.setEnabledCipherSuites(
                                                new String[] {
                                                    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"
                                                });
                                        socket.startHandshake();
                                    }
                                })
                        .isInstanceOf(SSLException.class);
            }
        }
    }

    @Test
    void anotherCertificateIsForNewConnectionsAndTheOldOnesLive() throws Exception {
        TlsFiles files = new TlsFiles(two.certificate(), two.key());
        try (SwitchboardServer server = start(files);
                SSLSocket before =
                        connect(Servers.address(server, "tls"), null, null, "http/1.1")) {
            Client client = Client.of(before);
            client.upgraded();
            client.sendText("CONNECT\naccept-version:1.2\nhost:h\n\n\0");
            assertThat(client.text()).startsWith("CONNECTED\n");

            TlsFiles fresh = certificates.of("renewed.example");
            Files.move(
                    fresh.certificate(), files.certificate(), StandardCopyOption.REPLACE_EXISTING);
            Files.move(fresh.key(), files.key(), StandardCopyOption.REPLACE_EXISTING);
            server.reload(() -> Servers.options().withTls(files));

            assertThat(shown(server, null, "h2")).isEqualTo("CN=renewed.example");
            assertThat(server.certificate().names()).containsExactly("renewed.example");
            client.sendText("SEND\ndestination:/topic/a\nreceipt:r\n\n\0");
            assertThat(client.text()).contains("receipt-id:r");
        }
    }

    @Test
    void aKeyOfAnotherCertificateIsRefusedAndNothingChanges() throws Exception {
        TlsFiles mixed = new TlsFiles(two.certificate(), two.others().getFirst().key());
        assertThatThrownBy(() -> start(mixed))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("tls-key " + mixed.key())
                .hasMessageContaining("this is not the key of the first certificate");
        try (SwitchboardServer server = start(two)) {
            assertThatThrownBy(() -> server.reload(() -> Servers.options().withTls(mixed)))
                    .isInstanceOf(StartFailure.class);
            assertThat(shown(server, "second.example", "h2")).isEqualTo("CN=second.example");
        }
    }

    /// Files are read again whenever one of them has changed; that one of the others ends soon has
    /// been said.
    @Test
    void aConcernIsSaidOnceAndAnotherOneIsSaidToo() throws Exception {
        TlsFiles soon = certificates.of("soon.example", Instant.now(), Duration.ofDays(13));
        TlsFiles sooner = certificates.of("sooner.example", Instant.now(), Duration.ofDays(2));
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger ours = (Logger) LoggerFactory.getLogger("io.switchboard.server.Reload");
        log.start();
        ours.addAppender(log);
        try (SwitchboardServer server = start(soon)) {
            server.reload(() -> Servers.options().withTls(soon));
            server.reload(() -> Servers.options().withTls(sooner));
            server.reload(() -> Servers.options().withTls(sooner));
        } finally {
            ours.detachAppender(log);
        }
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .filteredOn(it -> it.startsWith("the certificate of"))
                .satisfiesExactly(
                        first -> assertThat(first).contains("CN=soon.example holds until"),
                        second -> assertThat(second).contains("CN=sooner.example holds until"));
    }

    @Test
    void datesThatDoNotHoldAreAConcern() throws Exception {
        Instant now = Instant.now();
        ServerCertificate over =
                PemFiles.read(
                        certificates.of("o", now.minus(Duration.ofDays(9)), Duration.ofDays(8)));
        ServerCertificate early =
                PemFiles.read(
                        certificates.of("e", now.plus(Duration.ofDays(1)), Duration.ofDays(90)));
        ServerCertificate soon = PemFiles.read(certificates.of("s", now, Duration.ofDays(13)));
        ServerCertificate good = PemFiles.read(certificates.of("g"));
        assertThat(over.concern(now)).contains("CN=o", "clients refuse it");
        assertThat(early.concern(now)).contains("CN=e", "does not hold before");
        assertThat(soon.concern(now)).contains("CN=s", "only");
        assertThat(good.concern(now)).isNull();
    }
}
