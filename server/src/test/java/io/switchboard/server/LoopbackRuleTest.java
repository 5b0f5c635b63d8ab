package io.switchboard.server;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoopbackRuleTest {
    private static final TlsFiles FILES = new TlsFiles(Path.of("a.pem"), Path.of("b.pem"));
    private static final ListenerOptions EVERYWHERE =
            ListenerOptions.DEFAULT.withBind(address("0.0.0.0"));
    private static final ListenerOptions TLS_EVERYWHERE =
            EVERYWHERE.withHttp(Port.OFF).withStomp(Port.OFF);

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "::1"})
    void onLoopbackEverythingIsAllowed(String bind) {
        ListenerOptions listeners = ListenerOptions.FREE.withBind(address(bind));

        assertAllowed(ServerOptions.DEFAULT.withListeners(listeners));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1", "2001:db8::1"})
    void elsewherePlainTextIsNot(String bind) {
        InetAddress address = address(bind);

        assertRefused(
                ServerOptions.DEFAULT.withTls(FILES).withListeners(EVERYWHERE.withBind(address)),
                "http-port on "
                        + address.getHostAddress()
                        + " is without TLS: set http-port to off, or allow it with"
                        + " --allow-insecure plain-text");
    }

    @Test
    void itIsSaidOfStompAndOfMetricsToo() {
        assertRefused(
                ServerOptions.DEFAULT.withListeners(EVERYWHERE.withHttp(Port.OFF)),
                "stomp-port on 0.0.0.0 is without TLS: set stomp-port to off, or allow it with"
                        + " --allow-insecure plain-text");
        assertRefused(
                ServerOptions.DEFAULT.withListeners(
                        ListenerOptions.DEFAULT.withAdminBind(address("0.0.0.0"))),
                "admin-port on 0.0.0.0 is without TLS: set admin-port to off, or allow it with"
                        + " --allow-insecure plain-text");
    }

    @Test
    void theDevelopmentCertificateStaysOnLoopback() {
        assertRefused(
                ServerOptions.DEFAULT.withListeners(TLS_EVERYWHERE),
                "tls-port on 0.0.0.0 has no certificate but the development one: set"
                        + " tls-certificate and tls-key, or allow it with --allow-insecure"
                        + " development-certificate");
        assertRefused(
                ServerOptions.DEFAULT.withListeners(
                        TLS_EVERYWHERE.withTls(Port.OFF).withStompTls(Port.FREE)),
                "stomp-tls-port on 0.0.0.0 has no certificate but the development one: set"
                        + " tls-certificate and tls-key, or allow it with --allow-insecure"
                        + " development-certificate");
        assertAllowed(ServerOptions.DEFAULT.withTls(FILES).withListeners(TLS_EVERYWHERE));
    }

    @Test
    void eachIsAllowedByItsOwnWord() {
        ServerOptions plain = ServerOptions.DEFAULT.withListeners(EVERYWHERE.withTls(Port.OFF));
        ServerOptions development = ServerOptions.DEFAULT.withListeners(TLS_EVERYWHERE);

        assertAllowed(plain.withAllowed(Set.of(Insecure.PLAIN_TEXT)));
        assertAllowed(development.withAllowed(Set.of(Insecure.DEVELOPMENT_CERTIFICATE)));
        for (ServerOptions options :
                new ServerOptions[] {
                    plain.withAllowed(Set.of(Insecure.DEVELOPMENT_CERTIFICATE, Insecure.ANONYMOUS)),
                    development.withAllowed(Set.of(Insecure.PLAIN_TEXT, Insecure.ANONYMOUS))
                }) {
            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> LoopbackRule.check(options));
        }
    }

    @Test
    void aListenerThatIsOffIsNoBusinessOfTheRule() {
        assertAllowed(
                ServerOptions.DEFAULT.withListeners(
                        TLS_EVERYWHERE
                                .withTls(Port.OFF)
                                .withAdmin(Port.OFF)
                                .withAdminBind(address("0.0.0.0"))));
    }

    private static void assertAllowed(ServerOptions options) {
        assertThatCode(() -> LoopbackRule.check(options)).doesNotThrowAnyException();
    }

    private static void assertRefused(ServerOptions options, String message) {
        assertThatExceptionOfType(StartFailure.class)
                .isThrownBy(() -> LoopbackRule.check(options))
                .withMessage(message);
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
