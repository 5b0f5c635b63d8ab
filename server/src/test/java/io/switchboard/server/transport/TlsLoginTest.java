package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.switchboard.broker.AccessRule;
import io.switchboard.broker.AccessRules;
import io.switchboard.broker.RuleSet;
import io.switchboard.server.ClientCertificates;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.TlsFiles;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.CertificateName;
import io.switchboard.server.auth.TokenOptions;
import io.switchboard.server.tls.PemFiles;
import io.switchboard.server.tls.ServerCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Logins behind TLS: tokens over wss in both versions of HTTP, and client certificates.
final class TlsLoginTest {
    private static final byte[] SECRET =
            "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    private static final String CONNECT = "CONNECT\naccept-version:1.2\nhost:h\n\n\0";

    @TempDir private Path folder;

    private ServerOptions withTokens() throws Exception {
        Path keys = folder.resolve("keys.json");
        writeKey(keys, SECRET);
        TokenOptions tokens =
                new TokenOptions(
                        keys,
                        null,
                        Set.of("HS256"),
                        null,
                        null,
                        TokenOptions.NAME_CLAIM,
                        TokenOptions.ROLES_CLAIM,
                        TokenOptions.LEEWAY,
                        "session");
        return Servers.options()
                .withAuth(
                        new AuthOptions(false, null, tokens, null, AuthOptions.TIMEOUT, List.of()));
    }

    private static void writeKey(Path keys, byte[] secret) throws IOException {
        Files.writeString(keys, new OctetSequenceKey.Builder(secret).build().toJSONString());
    }

    private static String token(String name) throws Exception {
        return token(name, SECRET);
    }

    private static String token(String name, byte[] secret) throws Exception {
        SignedJWT jwt =
                new SignedJWT(
                        new JWSHeader(JWSAlgorithm.HS256),
                        new JWTClaimsSet.Builder()
                                .subject(name)
                                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                                .build());
        jwt.sign(new MACSigner(secret));
        return jwt.serialize();
    }

    static Socket tls(InetSocketAddress address, KeyManager... own) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        return context.getSocketFactory().createSocket(address.getAddress(), address.getPort());
    }

    @Test
    void aTokenOfTheHandshakeIsBelievedOverWss() throws Exception {
        try (SwitchboardServer server = Servers.start(withTokens());
                Client bearer = Client.of(tls(Servers.address(server, "tls")));
                Client cookie = Client.of(tls(Servers.address(server, "tls")));
                Client nothing = Client.of(tls(Servers.address(server, "tls")))) {
            bearer.send(bearer.upgrade("Authorization: Bearer " + token("alice")));
            assertThat(bearer.head()).startsWith("HTTP/1.1 101 ");
            bearer.sendText(CONNECT);
            assertThat(bearer.text()).contains("\nuser-name:alice\n");
            cookie.send(cookie.upgrade("Cookie: session=" + token("bob")));
            assertThat(cookie.head()).startsWith("HTTP/1.1 101 ");
            cookie.sendText(CONNECT);
            assertThat(cookie.text()).contains("\nuser-name:bob\n");
            nothing.upgraded();
            nothing.sendText(CONNECT);
            assertThat(nothing.text()).contains("message:login failed");
        }
    }

    @Test
    void behindAProxyTooWhereThereAreRules() throws Exception {
        RuleSet rules =
                RuleSet.of(
                        List.of(
                                new AccessRule(
                                        AccessRules.Action.SEND,
                                        "/topic/a",
                                        AccessRule.Who.AUTHENTICATED,
                                        "test")));
        try (SwitchboardServer server = Servers.start(withTokens().withAccess(rules));
                Client client = Client.of(tls(Servers.address(server, "tls")))) {
            String token = "Authorization: Bearer " + token("alice");
            client.send(client.upgrade("X-Forwarded-For: 192.0.2.1", token));
            assertThat(client.head()).startsWith("HTTP/1.1 101 ");
            client.sendText(CONNECT);
            assertThat(client.text()).contains("\nuser-name:alice\n");
            client.sendText("SEND\ndestination:/topic/a\nreceipt:1\n\nx\0");
            assertThat(client.text()).startsWith("RECEIPT\n");
            client.sendText("SEND\ndestination:/topic/b\nreceipt:2\n\nx\0");
            assertThat(client.text()).contains("message:access denied");
        }
    }

    @Test
    void andOnAStreamOfHttp2() throws Exception {
        try (SwitchboardServer server = Servers.start(withTokens());
                Http2Client client = Http2Client.to(Servers.address(server, "tls"))) {
            Http2WebSocket known = client.webSocket("authorization", "Bearer " + token("alice"));
            known.sendText(CONNECT);
            assertThat(known.text()).contains("\nuser-name:alice\n");
            // Beside it, on the same connection, who shows nothing is nobody.
            Http2WebSocket nobody = client.webSocket();
            nobody.sendText(CONNECT);
            assertThat(nobody.text()).contains("message:login failed");
        }
    }

    /// What a client that shows the token is answered to its CONNECT.
    private static String answer(SwitchboardServer server, String token) throws Exception {
        try (Client client = Client.of(tls(Servers.address(server, "tls")))) {
            client.send(client.upgrade("Authorization: Bearer " + token));
            client.head();
            client.sendText(CONNECT);
            return client.text();
        }
    }

    @Test
    void keysOfTokensThatAreReadAgainCountAndABadFileChangesNothing() throws Exception {
        ServerOptions options = withTokens();
        Path keys = folder.resolve("keys.json");
        byte[] other = "fedcba9876543210fedcba9876543210".getBytes(StandardCharsets.UTF_8);
        try (SwitchboardServer server = Servers.start(options);
                Client before = Client.of(tls(Servers.address(server, "tls")))) {
            before.send(before.upgrade("Authorization: Bearer " + token("alice")));
            assertThat(before.head()).startsWith("HTTP/1.1 101 ");
            before.sendText(CONNECT);
            assertThat(before.text()).startsWith("CONNECTED\n");
            assertThat(answer(server, token("bob", other))).contains("message:login failed");

            writeKey(keys, other);
            server.reload(() -> options);
            assertThat(answer(server, token("bob", other))).contains("\nuser-name:bob\n");
            assertThat(answer(server, token("alice"))).contains("message:login failed");
            before.sendText("SEND\ndestination:/topic/a\nreceipt:r\n\nx\0");
            assertThat(before.text()).as("it lives until its token ends").startsWith("RECEIPT\n");

            Files.writeString(keys, "{\"keys\":[");
            assertThatThrownBy(() -> server.reload(() -> options))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("keys.json");
            assertThat(answer(server, token("bob", other))).contains("\nuser-name:bob\n");
        }
    }

    /// The client's certificate vouches for itself.
    private ServerOptions withCertificates(TlsFiles client, boolean needed) {
        return withCertificates(client, needed, CertificateName.DNS);
    }

    static ServerOptions withCertificates(TlsFiles client, boolean needed, CertificateName name) {
        return Servers.options()
                .withAuth(new AuthOptions(false, null, null, name, AuthOptions.TIMEOUT, List.of()))
                .withClientCertificates(new ClientCertificates(client.certificate(), needed));
    }

    static KeyManager[] keys(TlsFiles files) throws Exception {
        ServerCertificate own = PemFiles.read(files);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null);
        store.setKeyEntry(
                "me", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    @Test
    void anAlternativeNameOfAClientCertificateIsItsOwnersName() throws Exception {
        TlsFiles mine = new TestCertificates(folder).of("device-7.example");
        try (SwitchboardServer server = Servers.start(withCertificates(mine, false));
                Client client = Client.of(tls(Servers.address(server, "tls"), keys(mine)))) {
            client.upgraded();
            client.sendText(CONNECT);
            assertThat(client.text()).contains("\nuser-name:device-7.example\n");
        }
    }

    private static Client withCertificate(SwitchboardServer server, TlsFiles files)
            throws Exception {
        Client client = Client.of(tls(Servers.address(server, "tls"), keys(files)));
        client.upgraded();
        client.sendText(CONNECT);
        assertThat(client.text()).startsWith("CONNECTED\n");
        return client;
    }

    @Test
    void whoVouchesForClientsIsReadAgainAndABadFileChangesNothing() throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        TlsFiles first = certificates.of("device-7.example");
        TlsFiles second = certificates.of("device-8.example");
        Path authorities = Files.copy(first.certificate(), folder.resolve("clients.pem"));
        ServerOptions options = withCertificates(new TlsFiles(authorities, first.key()), true);
        try (SwitchboardServer server = Servers.start(options);
                Client before = withCertificate(server, first)) {
            assertThatThrownBy(() -> withCertificate(server, second))
                    .isInstanceOf(IOException.class);

            Files.writeString(authorities, Files.readString(second.certificate()));
            server.reload(() -> options);
            withCertificate(server, second).close();
            assertThatThrownBy(() -> withCertificate(server, first))
                    .isInstanceOf(IOException.class);
            before.sendText("SEND\ndestination:/topic/a\nreceipt:r\n\nx\0");
            assertThat(before.text()).as("it stays").startsWith("RECEIPT\n");

            Files.writeString(authorities, "no certificate");
            assertThatThrownBy(() -> server.reload(() -> options))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("clients.pem");
            withCertificate(server, second).close();
        }
    }

    /// What stands beside the CN may come before it in the certificate, and is no name.
    @Test
    void ofSeveralAttributesTheCommonNameIsTheName() throws Exception {
        TlsFiles mine = new TestCertificates(folder).of("mallory-with-a-long-name+OU=alice");
        try (SwitchboardServer server =
                        Servers.start(withCertificates(mine, false, CertificateName.CN));
                Client client = Client.of(tls(Servers.address(server, "tls"), keys(mine)))) {
            client.upgraded();
            client.sendText(CONNECT);
            assertThat(client.text()).contains("\nuser-name:mallory-with-a-long-name\n");
        }
    }

    /// A common name is a text of its own, in which a comma means nothing.
    @Test
    void theNameIsWhatStandsInTheCertificateNotHowADirectoryWritesIt() throws Exception {
        TlsFiles mine = new TestCertificates(folder).of("Doe\\, Jane");
        try (SwitchboardServer server =
                        Servers.start(withCertificates(mine, false, CertificateName.CN));
                Client client = Client.of(tls(Servers.address(server, "tls"), keys(mine)))) {
            client.upgraded();
            client.sendText(CONNECT);
            assertThat(client.text()).contains("\nuser-name:Doe, Jane\n");
        }
    }

    @Test
    void whereOneIsNeededNobodyComesInWithout() throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        TlsFiles mine = certificates.of("device-7.example");
        TlsFiles unknown = certificates.of("device-8.example");
        try (SwitchboardServer server = Servers.start(withCertificates(mine, true))) {
            InetSocketAddress address = Servers.address(server, "tls");
            assertThatThrownBy(() -> Client.of(tls(address)).upgraded())
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> Client.of(tls(address, keys(unknown))).upgraded())
                    .isInstanceOf(IOException.class);
            try (Client client = Client.of(tls(address, keys(mine)))) {
                client.upgraded();
                client.sendText(CONNECT);
                assertThat(client.text()).startsWith("CONNECTED\n");
            }
        }
    }

    /// One in the name of somebody who is believed, which a client shows therefore.
    static TlsFiles forged(Path folder, String name) throws Exception {
        return new TestCertificates(Files.createDirectory(folder.resolve("forged"))).of(name);
    }

    /// RFC 8446 section 6.2: not as if it were a fault of the server's.
    @Test
    void theAlertSaysThatACertificateIsBad() throws Exception {
        TlsFiles mine = new TestCertificates(folder).of("device-7.example");
        TlsFiles forged = forged(folder, "device-7.example");
        try (SwitchboardServer server = Servers.start(withCertificates(mine, false));
                Socket client = tls(Servers.address(server, "tls"), keys(forged))) {
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("bad_certificate");
        }
    }
}
