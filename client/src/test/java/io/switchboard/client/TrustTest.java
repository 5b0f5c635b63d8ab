package io.switchboard.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// With a certificate that names another host, signed by itself.
@Timeout(60)
class TrustTest {
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir static Path folder;

    private static Path elsewhere;
    private static Path local;

    @BeforeAll
    static void makeCertificates() throws Exception {
        elsewhere = certificate("elsewhere", "san=dns:elsewhere.example");
        local = certificate("local", "san=ip:127.0.0.1");
    }

    private static Path certificate(String name, String names) throws Exception {
        Path pem = folder.resolve(name + ".pem");
        keytool(
                List.of("-genkeypair", "-keyalg", "EC", "-dname", "CN=" + name, "-ext", names),
                name);
        keytool(List.of("-exportcert", "-rfc", "-file", pem.toString()), name);
        return pem;
    }

    private static void keytool(List<String> arguments, String name) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/keytool")
                                        .toString()));
        command.addAll(arguments);
        command.addAll(List.of("-alias", "server", "-storetype", "PKCS12"));
        command.addAll(List.of("-keystore", store(name).toString()));
        command.addAll(List.of("-storepass", new String(PASSWORD)));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("keytool.log").toFile())
                        .start();
        assertThat(process.waitFor())
                .as(() -> "keytool, see " + folder.resolve("keytool.log"))
                .isZero();
    }

    private static Path store(String name) {
        return folder.resolve(name + ".p12");
    }

    private static ServerSocketFactory sockets(String name) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store(name))) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context.getServerSocketFactory();
    }

    private static void talk(String certificate, String scheme, Trust trust) throws Exception {
        try (ScriptedServer server =
                new ScriptedServer(sockets(certificate), ScriptedServer::politely)) {
            URI url =
                    URI.create(
                            scheme
                                    + "://127.0.0.1:"
                                    + server.port()
                                    + (scheme.equals("wss") ? "/ws" : ""));
            try (StompClient client = StompClient.connect(ClientOptions.of(url).withTrust(trust))) {
                client.publish("/topic/a", "hello");
            }
        }
    }

    @Test
    void theSystemDoesNotKnowACertificateThatVouchesForItself() {
        assertThatThrownBy(() -> talk("local", "wss", Trust.system()))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void aCertificateThatIsKnownExactlyIsBelievedUnderAnyName() throws Exception {
        talk("elsewhere", "wss", Trust.system().orExactly(elsewhere));
        talk("elsewhere", "tls", Trust.system().orExactly(elsewhere));
    }

    @Test
    void anotherCertificateIsNotBelievedForTheKnownOne() {
        assertThatThrownBy(() -> talk("elsewhere", "wss", Trust.system().orExactly(local)))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void givenCertificatesReplaceThoseOfTheSystem() throws Exception {
        talk("local", "tls", Trust.certificates(local));
        assertThatThrownBy(() -> talk("elsewhere", "tls", Trust.certificates(local)))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void anythingIsAnything() throws Exception {
        talk("elsewhere", "wss", Trust.anything());
    }

    @Test
    void aFileWithoutCertificatesIsRefused() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing\n");
        assertThatThrownBy(() -> Trust.certificates(empty))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("PEM");
    }
}
