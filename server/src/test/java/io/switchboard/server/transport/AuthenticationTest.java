package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.switchboard.broker.Principal;
import io.switchboard.server.ClientCertificates;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.Authenticator;
import io.switchboard.server.auth.CertificateName;
import io.switchboard.server.auth.UsersFile;
import io.switchboard.server.auth.Verdict;
import io.switchboard.server.tls.ServerCertificate;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Logins from outside, over real sockets.
final class AuthenticationTest {
    private static final String SECRET = "canary-correct-horse-battery";
    private static final String WRONG = "canary-wrong-horse-battery";

    @TempDir private Path folder;

    private final Queue<String> logged = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Logger ours = (Logger) LoggerFactory.getLogger("io.switchboard");
    private final Level level = ours.getLevel();
    private final AppenderBase<ILoggingEvent> recorder =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    logged.add(event.getLoggerName() + " " + event.getFormattedMessage());
                }
            };

    @BeforeEach
    void record() {
        recorder.start();
        root.addAppender(recorder);
        ours.setLevel(Level.DEBUG);
    }

    @AfterEach
    void nothingSecretWasLogged() {
        root.detachAppender(recorder);
        ours.setLevel(level);
        assertThat(logged).noneMatch(it -> it.contains(SECRET) || it.contains(WRONG));
    }

    private AuthOptions users(boolean anonymous) throws Exception {
        Path file = folder.resolve("users");
        UsersFile.put(file, "alice", SECRET.toCharArray(), List.of("admin"));
        return new AuthOptions(anonymous, file, null, null, Duration.ofSeconds(30), List.of());
    }

    private static String connect(String... headers) {
        StringBuilder text = new StringBuilder("CONNECT\naccept-version:1.2\nhost:h\n");
        for (String header : headers) {
            text.append(header).append('\n');
        }
        return text + "\n";
    }

    private static String overTcp(SwitchboardServer server, String... headers) throws Exception {
        try (Client client = Client.to(Servers.address(server, "stomp"))) {
            client.sendStomp(connect(headers));
            return client.stomp();
        }
    }

    @Test
    void aUserGetsInWithItsPasswordAndItsNameIsInConnected() throws Exception {
        try (SwitchboardServer server = Servers.start(Servers.options().withAuth(users(false)))) {
            assertThat(overTcp(server, "login:alice", "passcode:" + SECRET))
                    .startsWith("CONNECTED\n")
                    .contains("\nuser-name:alice\n");
            try (Client web = Client.webSocketTo(Servers.address(server, "http"))) {
                web.sendText(connect("login:alice", "passcode:" + SECRET) + "\0");
                assertThat(web.text()).startsWith("CONNECTED\n").contains("\nuser-name:alice\n");
            }
        }
        assertThat(logged)
                .anyMatch(it ->
                        it.startsWith("io.switchboard.audit event=login session=")
                                && it.contains("user=\"alice\" by=\"password\"")
                                && it.contains("listener=stomp"));
    }

    @Test
    void allFailuresLookTheSame() throws Exception {
        try (SwitchboardServer server = Servers.start(Servers.options().withAuth(users(false)))) {
            String wrong = overTcp(server, "login:alice", "passcode:" + WRONG);

            assertThat(wrong).startsWith("ERROR\n").contains("message:login failed");
            assertThat(overTcp(server, "login:nobody", "passcode:" + WRONG)).isEqualTo(wrong);
            assertThat(overTcp(server, "login:alice")).isEqualTo(wrong);
            assertThat(overTcp(server)).isEqualTo(wrong);
            assertThat(overTcp(server, "Authorization:Bearer " + WRONG)).isEqualTo(wrong);
            try (Client web = Client.webSocketTo(Servers.address(server, "http"))) {
                web.sendText(connect("login:alice", "passcode:" + WRONG) + "\0");
                assertThat(web.text()).contains("message:login failed");
                assertThat(web.frame().closeCode()).isEqualTo(4516);
            }
        }
        assertThat(logged)
                .anyMatch(it -> it.contains("event=login-failed") && it.contains("wrong password"))
                .anyMatch(it -> it.contains("event=login-failed") && it.contains("unknown user"));
    }

    @Test
    void aNameAloneIsNobodyWhereAnonymousIsAllowed() throws Exception {
        try (SwitchboardServer server = Servers.start(Servers.options().withAuth(users(true)))) {
            assertThat(overTcp(server, "login:alice"))
                    .startsWith("CONNECTED\n")
                    .doesNotContain("user-name");
            assertThat(overTcp(server, "login:alice", "passcode:" + WRONG)).startsWith("ERROR\n");
        }
    }

    @Test
    void whoFailsTooOftenIsNotLookedAt() throws Exception {
        try (SwitchboardServer server = Servers.start(Servers.options().withAuth(users(false)))) {
            String wrong = overTcp(server, "login:bob", "passcode:" + WRONG);
            for (int i = 1; i < 10; i++) {
                assertThat(overTcp(server, "login:bob", "passcode:" + WRONG)).isEqualTo(wrong);
            }
            assertThat(logged).noneMatch(it -> it.contains("too many failures"));
            assertThat(overTcp(server, "login:bob", "passcode:" + WRONG)).isEqualTo(wrong);
            assertThat(overTcp(server, "login:alice", "passcode:" + SECRET))
                    .startsWith("CONNECTED\n");
        }
        assertThat(logged)
                .anyMatch(it ->
                        it.contains("event=login-failed ")
                                && it.contains(
                                        " user=\"bob\" reason=\"too many failures\" count=11 "));
    }

    @Test
    void anAuthenticatorOfTheProgramSeesTheHandshakeAndMayBlock() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Authenticator own =
                who -> {
                    go.await();
                    return SECRET.equals(who.bearer()) && WRONG.equals(who.cookies().get("sid"))
                            ? new Verdict.Accepted(
                                    new Principal(
                                            "carol",
                                            who.local(),
                                            who.address(),
                                            Set.of(),
                                            Map.of(),
                                            0),
                                    "our word")
                            : Verdict.PASSED;
                };
        try (SwitchboardServer server =
                        Servers.start(Servers.options().withAuth(AuthOptions.by(own)));
                Client web = Client.to(Servers.address(server, "http"))) {
            web.send(web.upgrade("Authorization: Bearer " + SECRET, "Cookie: a=b; sid=" + WRONG));
            assertThat(web.head()).startsWith("HTTP/1.1 101 ");
            web.sendText(connect() + "\0SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n\n\0");
            go.countDown();
            assertThat(web.text()).contains("\nuser-name:carol\n");
            assertThat(web.text()).startsWith("RECEIPT\n");
        }
    }

    @Test
    void oneThatTakesTooLongOrFailsIsNobodysFault() throws Exception {
        Authenticator slow =
                who -> {
                    if (who.login() == null) {
                        throw new IOException("directory is down");
                    }
                    new CountDownLatch(1).await();
                    return Verdict.PASSED;
                };
        AuthOptions options =
                new AuthOptions(false, null, null, null, Duration.ofMillis(50), List.of(slow));
        try (SwitchboardServer server = Servers.start(Servers.options().withAuth(options))) {
            assertThat(overTcp(server, "login:x")).contains("message:login is not possible now");
            assertThat(overTcp(server)).contains("message:login is not possible now");
        }
    }

    @Test
    void aClientCertificateNamesItsOwner() throws Exception {
        ServerCertificate mine = selfSigned("device-7");
        Path authorities = folder.resolve("ca.pem");
        X509Certificate last = mine.chain().getLast();
        Files.writeString(
                authorities,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(last.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        AuthOptions auth =
                new AuthOptions(
                        false, null, null, CertificateName.CN, AuthOptions.TIMEOUT, List.of());
        try (SwitchboardServer server =
                Servers.start(
                        Servers.options()
                                .withAuth(auth)
                                .withClientCertificates(
                                        new ClientCertificates(authorities, false)))) {
            assertThat(overTls(server, mine)).contains("\nuser-name:device-7\n");
            assertThat(overTls(server, null)).contains("message:login failed");
        }
    }

    private static ServerCertificate selfSigned(String name) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        X500Name subject = new X500Name("O=Example,CN=" + name);
        Instant now = Instant.now();
        var builder =
                new JcaX509v3CertificateBuilder(
                        subject,
                        BigInteger.ONE,
                        Date.from(now.minusSeconds(60)),
                        Date.from(now.plusSeconds(3_600)),
                        subject,
                        pair.getPublic());
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
        X509Certificate certificate =
                new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        return new ServerCertificate(List.of(certificate), pair.getPrivate(), false);
    }

    private static String overTls(SwitchboardServer server, ServerCertificate own)
            throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null);
        if (own != null) {
            keys.setKeyEntry(
                    "me", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
        }
        KeyManagerFactory ours =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        ours.init(keys, new char[0]);
        KeyStore theirs = KeyStore.getInstance("PKCS12");
        theirs.load(null);
        theirs.setCertificateEntry("server", server.certificate().chain().getFirst());
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(theirs);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(ours.getKeyManagers(), trust.getTrustManagers(), null);
        var address = Servers.address(server, "tls");
        try (Client client =
                Client.of(
                        tls.getSocketFactory()
                                .createSocket(address.getAddress(), address.getPort()))) {
            client.upgraded();
            client.sendText(connect() + "\0");
            return client.text();
        }
    }
}
