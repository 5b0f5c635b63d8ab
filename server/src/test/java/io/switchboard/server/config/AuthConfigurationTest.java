package io.switchboard.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.switchboard.server.ClientCertificates;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.auth.AuthOptions;
import io.switchboard.server.auth.CertificateName;
import io.switchboard.server.auth.TokenOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AuthConfigurationTest {
    @TempDir private Path folder;

    private ServerOptions read(String text) throws Exception {
        return Configuration.read(Files.writeString(folder.resolve("c.yaml"), text), Map.of());
    }

    @Test
    void hasUsersTokensAndCertificates() throws Exception {
        ServerOptions options =
                read(
                        """
                        tls-client-ca: ca.pem
                        tls-client-auth: need
                        auth:
                          anonymous: on
                          users: users.txt
                          client-certificate: email
                          timeout: 2s
                          jwt:
                            jwks: https://id.example.com/keys
                            algorithms: [RS256, EdDSA]
                            issuer: https://id.example.com
                            audience: chat
                            name-claim: email
                            roles-claim: groups
                            leeway: off
                            cookie: sid
                        """);

        assertThat(options.clientCertificates())
                .isEqualTo(new ClientCertificates(Path.of("ca.pem"), true));
        assertThat(options.auth())
                .isEqualTo(
                        new AuthOptions(
                                true,
                                Path.of("users.txt"),
                                new TokenOptions(
                                        null,
                                        URI.create("https://id.example.com/keys"),
                                        Set.of("RS256", "EdDSA"),
                                        "https://id.example.com",
                                        "chat",
                                        "email",
                                        "groups",
                                        Duration.ZERO,
                                        "sid"),
                                CertificateName.EMAIL,
                                Duration.ofSeconds(2),
                                List.of()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    auth:                                 | auth: nobody can log in
                    auth: {anonymous: off}                | auth: nobody can log in
                    auth: {user: x}                       | auth.user: there is no such key; did you mean users?
                    auth: {anonymous: maybe}              | auth.anonymous: expected on or off
                    auth: {client-certificate: cn}        | auth.client-certificate needs tls-client-auth
                    tls-client-auth: want                 | tls-client-auth needs tls-client-ca
                    tls-client-ca: clients.pem            | tls-client-ca needs tls-client-auth
                    auth: {jwt: {algorithms: [none]}}     | auth.jwt.algorithms: expected one of
                    auth: {jwt: {algorithms: RS256}}      | auth.jwt: expected one of keys and jwks
                    auth: {jwt: {keys: a}}                | auth.jwt: expected algorithms of
                    auth: {jwt: {jwks: 'http://a.b/'}}    | auth.jwt.jwks: expected an https URL
                    auth: {jwt: {isuer: a}}               | auth.jwt.isuer: there is no such key; did you mean issuer?
                    """)
    void aMistakeIsSaidWithItsKey(String text, String problem) {
        assertThatExceptionOfType(StartFailure.class)
                .isThrownBy(() -> read(text + "\n"))
                .withMessageContaining(problem);
    }
}
