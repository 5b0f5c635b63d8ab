package io.switchboard.server.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

final class TokensTest {
    private static final RSAKey RSA = rsa("r1");
    private static final ECKey EC = ec();
    private static final KeyPair ED = ed();
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
    private static final Date LATER = new Date(System.currentTimeMillis() / 1_000 * 1_000 + 60_000);

    @TempDir private Path folder;

    private static RSAKey rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static ECKey ec() {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID("e1").generate();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair ed() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static JWTClaimsSet.Builder alice() {
        return new JWTClaimsSet.Builder().subject("alice").expirationTime(LATER);
    }

    private static String signed(JWSHeader header, JWTClaimsSet claims, JWSSigner signer)
            throws Exception {
        SignedJWT jwt = new SignedJWT(header, claims);
        jwt.sign(signer);
        return jwt.serialize();
    }

    private static String byRsa(JWTClaimsSet claims) throws Exception {
        return signed(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("r1").build(),
                claims,
                new RSASSASigner(RSA));
    }

    private static String byEd25519(JWTClaimsSet claims) throws Exception {
        JWSHeader header = new JWSHeader(JWSAlgorithm.EdDSA);
        String input = header.toBase64URL() + "." + Base64URL.encode(claims.toString());
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(ED.getPrivate());
        signature.update(input.getBytes(UTF_8));
        return input + "." + Base64URL.encode(signature.sign());
    }

    private TokenOptions options(Path keys, String... algorithms) {
        return new TokenOptions(
                keys,
                null,
                Set.of(algorithms),
                null,
                null,
                TokenOptions.NAME_CLAIM,
                TokenOptions.ROLES_CLAIM,
                TokenOptions.LEEWAY,
                "session");
    }

    private Path set(JWK... keys) throws Exception {
        return Files.writeString(
                folder.resolve("keys.json"), new JWKSet(List.of(keys)).toString(false));
    }

    private static Credentials passcode(String token) {
        return UsersTest.of(null, token);
    }

    private static String pem(PublicKey key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    @Test
    void areSignedWithAnyOfTheKeysOfAPemFile() throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("keys.pem"),
                        pem(RSA.toPublicKey()) + pem(EC.toPublicKey()) + pem(ED.getPublic()));
        Tokens tokens = Tokens.of(options(file, "RS256", "PS256", "ES256", "EdDSA"));

        for (String token :
                List.of(
                        byRsa(alice().build()),
                        signed(
                                new JWSHeader(JWSAlgorithm.PS256),
                                alice().build(),
                                new RSASSASigner(RSA)),
                        signed(
                                new JWSHeader(JWSAlgorithm.ES256),
                                alice().build(),
                                new ECDSASigner(EC)),
                        byEd25519(alice().build()))) {
            assertThat(tokens.ofConnect(passcode(token))).isInstanceOf(Verdict.Accepted.class);
        }
    }

    @Test
    void areSignedWithASecret() throws Exception {
        Path file = set(new OctetSequenceKey.Builder(SECRET).build());
        String token =
                signed(new JWSHeader(JWSAlgorithm.HS256), alice().build(), new MACSigner(SECRET));

        assertThat(Tokens.of(options(file, "HS256")).ofConnect(passcode(token)))
                .isInstanceOf(Verdict.Accepted.class);
    }

    @Test
    void thatNobodySignedAreRefused() throws Exception {
        Tokens tokens = Tokens.of(options(set(RSA.toPublicJWK()), "RS256"));
        String unsigned =
                Base64URL.encode("{\"alg\":\"none\"}")
                        + "."
                        + Base64URL.encode(alice().build().toString())
                        + ".";
        String others =
                signed(
                        new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("r1").build(),
                        alice().build(),
                        new RSASSASigner(rsa("r1")));
        String good = byRsa(alice().build());
        String changed =
                good.substring(0, good.indexOf('.') + 5)
                        + "A"
                        + good.substring(good.indexOf('.') + 6);

        for (String token : List.of(unsigned, others, changed)) {
            assertThat(tokens.ofConnect(passcode(token))).isInstanceOf(Verdict.Refused.class);
        }
    }

    /// RFC 8725 section 2.1: the public key as the secret of an HMAC.
    @Test
    void aPublicKeyIsNoSecret() throws Exception {
        Path file = Files.writeString(folder.resolve("keys.pem"), pem(RSA.toPublicKey()));
        String token =
                signed(
                        new JWSHeader(JWSAlgorithm.HS256),
                        alice().build(),
                        new MACSigner(RSA.toPublicKey().getEncoded()));

        assertThat(Tokens.of(options(file, "RS256", "HS256")).ofConnect(passcode(token)))
                .isEqualTo(new Verdict.Refused("no key has signed the token"));
        assertThat(Tokens.of(options(file, "RS256")).ofConnect(passcode(token)))
                .isEqualTo(new Verdict.Refused("the token's algorithm is not allowed"));
    }

    @Test
    void holdOnlyForTheirTimeIssuerAudienceAndType() throws Exception {
        TokenOptions options =
                new TokenOptions(
                        set(RSA.toPublicJWK()),
                        null,
                        Set.of("RS256"),
                        "https://id.example.com",
                        "chat",
                        "sub",
                        "roles",
                        Duration.ofSeconds(30),
                        null);
        Tokens tokens = Tokens.of(options);
        JWTClaimsSet good =
                alice().issuer("https://id.example.com").audience(List.of("a", "chat")).build();
        assertThat(tokens.ofConnect(passcode(byRsa(good)))).isInstanceOf(Verdict.Accepted.class);

        Date past = new Date(System.currentTimeMillis() - 120_000);
        Date future = new Date(System.currentTimeMillis() + 120_000);
        for (JWTClaimsSet bad :
                List.of(
                        new JWTClaimsSet.Builder(good).expirationTime(past).build(),
                        new JWTClaimsSet.Builder(good).expirationTime(null).build(),
                        new JWTClaimsSet.Builder(good).notBeforeTime(future).build(),
                        new JWTClaimsSet.Builder(good).issuer("https://evil.example").build(),
                        new JWTClaimsSet.Builder(good).issuer(null).build(),
                        new JWTClaimsSet.Builder(good).audience("shop").build(),
                        new JWTClaimsSet.Builder(good).audience((String) null).build(),
                        new JWTClaimsSet.Builder(good).subject(null).build(),
                        new JWTClaimsSet.Builder(good).subject(" ").build())) {
            assertThat(tokens.ofConnect(passcode(byRsa(bad))))
                    .as(bad.toString())
                    .isInstanceOf(Verdict.Refused.class);
        }
        String other =
                signed(
                        new JWSHeader.Builder(JWSAlgorithm.RS256)
                                .type(new JOSEObjectType("logout+jwt"))
                                .build(),
                        good,
                        new RSASSASigner(RSA));
        assertThat(tokens.ofConnect(passcode(other))).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void sayWhoItIsUntilWhenAndWhatElse() throws Exception {
        JWTClaimsSet claims =
                alice().claim("realm", Map.of("roles", List.of("admin", "chat")))
                        .claim("rooms", List.of("a", "b"))
                        .claim("level", 7)
                        .build();
        TokenOptions options =
                new TokenOptions(
                        set(RSA.toPublicJWK()),
                        null,
                        Set.of("RS256"),
                        null,
                        null,
                        "sub",
                        "realm.roles",
                        TokenOptions.LEEWAY,
                        null);

        Verdict.Accepted accepted =
                (Verdict.Accepted) Tokens.of(options).ofConnect(passcode(byRsa(claims)));

        assertThat(accepted.principal().name()).isEqualTo("alice");
        assertThat(accepted.principal().roles()).containsExactlyInAnyOrder("admin", "chat");
        assertThat(accepted.principal().claims())
                .containsEntry("rooms", List.of("a", "b"))
                .containsEntry("level", List.of("7"));
        assertThat(accepted.principal().expiresMillis())
                .as("what clocks may differ by goes on top")
                .isEqualTo(LATER.getTime() + TokenOptions.LEEWAY.toMillis());
    }

    @Test
    void comeInFourPlacesAndTheConnectsOwnCountFirst() throws Exception {
        Tokens tokens = Tokens.of(options(set(RSA.toPublicJWK()), "RS256"));
        String token = byRsa(alice().build());
        Credentials header = shown(null, "Bearer " + token, null, Map.of());
        Credentials handshake = shown(null, null, token, Map.of());
        Credentials cookie = shown(null, null, null, Map.of("session", token));
        Credentials otherCookie = shown(null, null, null, Map.of("sid", token));
        Credentials password = shown("open", null, token, Map.of());

        assertThat(tokens.ofConnect(header)).isInstanceOf(Verdict.Accepted.class);
        assertThat(tokens.ofHandshake(handshake)).isInstanceOf(Verdict.Accepted.class);
        assertThat(tokens.ofHandshake(cookie)).isInstanceOf(Verdict.Accepted.class);
        assertThat(tokens.ofHandshake(otherCookie)).isEqualTo(Verdict.PASSED);
        assertThat(tokens.ofConnect(password)).isEqualTo(Verdict.PASSED);
        assertThat(tokens.ofHandshake(password)).isEqualTo(Verdict.PASSED);
        assertThat(tokens.ofConnect(shown(null, "Basic YTpi", null, Map.of())))
                .isInstanceOf(Verdict.Refused.class);
    }

    private static Credentials shown(
            String passcode, String authorization, String bearer, Map<String, String> cookies) {
        return new Credentials(
                null, passcode, authorization, bearer, cookies, null, "192.0.2.1:5", false, "tls");
    }

    @Test
    void keysThatArePublishedAreFetchedAgainForANewNameButNotForEach() throws Exception {
        AtomicInteger fetches = new AtomicInteger();
        RSAKey second = rsa("r2");
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    JWKSet keys =
                            fetches.incrementAndGet() == 1
                                    ? new JWKSet(RSA)
                                    : new JWKSet(Arrays.asList(RSA, second));
                    byte[] body = keys.toString(true).getBytes(UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        try {
            URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            Tokens tokens =
                    new Tokens(
                            options(Path.of("unused"), "RS256"),
                            TokenKeys.fetched(uri, TokenKeys.FETCH_PAUSE_MILLIS));
            String old = byRsa(alice().build());
            assertThat(tokens.ofConnect(passcode(old))).isInstanceOf(Verdict.Accepted.class);
            assertThat(tokens.ofConnect(passcode(old))).isInstanceOf(Verdict.Accepted.class);
            assertThat(fetches).hasValue(1);

            String rotated = by(second, "r2");
            assertThat(tokens.ofConnect(passcode(rotated))).isInstanceOf(Verdict.Accepted.class);
            assertThat(fetches).hasValue(2);

            for (int i = 0; i < 20; i++) {
                assertThat(tokens.ofConnect(passcode(by(second, "x" + i))))
                        .isInstanceOf(Verdict.Refused.class);
            }
            assertThat(fetches).hasValue(2);
        } finally {
            server.stop(0);
        }
    }

    private static String by(RSAKey key, String id) throws Exception {
        return signed(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(id).build(),
                alice().build(),
                new RSASSASigner(key));
    }

    @Test
    void whereNoKeysCanBeFetchedItIsNobodysFault() throws Exception {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
        server.start();
        server.stop(0);
        Tokens tokens =
                new Tokens(
                        options(Path.of("unused"), "RS256"),
                        TokenKeys.fetched(uri, TokenKeys.FETCH_PAUSE_MILLIS));

        assertThat(tokens.ofConnect(passcode(byRsa(alice().build()))))
                .isInstanceOfSatisfying(
                        Verdict.Unavailable.class,
                        it ->
                                assertThat(it.reason())
                                        .startsWith("the keys cannot be fetched: ")
                                        .contains("ConnectException"));
    }

    /// The first answer is a set, the second an error.
    @Test
    void anOutageIsLoggedWhileTheKeysOfBeforeCount() throws Exception {
        AtomicInteger fetches = new AtomicInteger();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    byte[] body = new JWKSet(RSA).toString(true).getBytes(UTF_8);
                    boolean first = fetches.incrementAndGet() == 1;
                    exchange.sendResponseHeaders(first ? 200 : 503, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        Logger logger = (Logger) LoggerFactory.getLogger(TokenKeys.class);
        ListAppender<ILoggingEvent> recorder = new ListAppender<>();
        recorder.start();
        logger.addAppender(recorder);
        try {
            URI uri =
                    URI.create(
                            "http://127.0.0.1:"
                                    + server.getAddress().getPort()
                                    + "/?key=canary-in-url");
            Tokens tokens =
                    new Tokens(
                            options(Path.of("unused"), "RS256"),
                            TokenKeys.fetched(uri, TokenKeys.FETCH_PAUSE_MILLIS));
            String known = byRsa(alice().build());
            assertThat(tokens.ofConnect(passcode(known))).isInstanceOf(Verdict.Accepted.class);
            assertThat(tokens.ofConnect(passcode(by(rsa("r2"), "r2"))))
                    .isInstanceOf(Verdict.Refused.class);

            assertThat(recorder.list).hasSize(1);
            assertThat(recorder.list.getFirst().getFormattedMessage())
                    .contains("503", "the keys of before count for")
                    .doesNotContain("canary-in-url");
            assertThat(tokens.ofConnect(passcode(known))).isInstanceOf(Verdict.Accepted.class);
        } finally {
            logger.detachAppender(recorder);
            server.stop(0);
        }
    }

    @Test
    void aSecretIsNotPublished() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new TokenOptions(
                                null,
                                URI.create("https://id.example.com/jwks"),
                                Set.of("HS256"),
                                null,
                                null,
                                "sub",
                                "roles",
                                Duration.ZERO,
                                null));
    }

    @Test
    void otherKindsOfKeysSignNothing() throws Exception {
        OctetKeyPair pair =
                new OctetKeyPair.Builder(Curve.X25519, Base64URL.encode(new byte[32])).build();

        assertThat(
                        Tokens.of(options(set(pair), "EdDSA"))
                                .ofConnect(passcode(byEd25519(alice().build()))))
                .isInstanceOf(Verdict.Refused.class);
    }
}
