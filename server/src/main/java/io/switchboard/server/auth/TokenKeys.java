package io.switchboard.server.auth;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.OutageTolerantJWKSetSource;
import com.nimbusds.jose.jwk.source.OutageTolerantJWKSetSource.OutageEvent;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.events.Event;
import io.switchboard.server.StartFailure;
import java.io.IOException;
import java.io.StringReader;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.slf4j.LoggerFactory;

/// Where the keys are that tokens may be signed with. May block.
@FunctionalInterface
interface TokenKeys {
    int FETCH_TIMEOUT_MILLIS = 2_000;
    int SET_LENGTH_MAX = 256 << 10;
    long FRESH_MILLIS = 300_000;
    long FETCH_PAUSE_MILLIS = 30_000;
    long OUTAGE_MILLIS = 14_400_000;

    /// Those that may have signed a token with this header; the caller looks at their kind.
    ///
    /// @throws KeySourceException if they cannot be had now
    List<JWK> candidates(JWSHeader header) throws KeySourceException;

    /// Fetched when they are first needed, again when they are old or a token names a key that is
    /// not among them, and not more often than the pause allows whatever tokens name.
    ///
    /// @param pauseMillis in which at most two fetches are begun
    static TokenKeys fetched(URI uri, long pauseMillis) throws StartFailure {
        JWKSource<SecurityContext> source;
        try {
            source =
                    JWKSourceBuilder.create(
                                    uri.toURL(),
                                    new DefaultResourceRetriever(
                                            FETCH_TIMEOUT_MILLIS,
                                            FETCH_TIMEOUT_MILLIS,
                                            SET_LENGTH_MAX))
                            .cache(FRESH_MILLIS, FETCH_TIMEOUT_MILLIS * 2)
                            .refreshAheadCache(false)
                            .rateLimited(pauseMillis)
                            .outageTolerant(OUTAGE_MILLIS, event -> outage(event, uri))
                            .build();
        } catch (MalformedURLException e) {
            throw new StartFailure("auth.jwt.jwks " + uri + ": expected an https URL", e);
        }
        return header -> {
            try {
                return source.get(new JWKSelector(JWKMatcher.forJWSHeader(header)), null);
            } catch (RateLimitReachedException e) {
                // The set is there, and this key is not in it.
                return List.of();
            } catch (KeySourceException e) {
                throw new KeySourceException(reason(e, uri), e);
            }
        };
    }

    private static void outage(
            Event<OutageTolerantJWKSetSource<SecurityContext>, SecurityContext> event, URI uri) {
        if (event instanceof OutageEvent<SecurityContext> it) {
            LoggerFactory.getLogger(TokenKeys.class)
                    .warn(
                            "auth.jwt.jwks cannot be fetched ({}); the keys of before count for {}"
                                    + " minutes more",
                            reason(it.getException(), uri),
                            TimeUnit.MILLISECONDS.toMinutes(it.getRemainingTime()));
        }
    }

    /// Why keys could not be fetched, without the URL, which may have a password in it, and without
    /// anything of what came.
    private static String reason(Throwable failure, URI uri) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root instanceof IOException
                ? root.toString().replace(uri.toString(), "the URL")
                : "what came is no JWK set";
    }

    /// @throws StartFailure naming the file
    static TokenKeys in(Path file) throws StartFailure {
        List<JWK> all;
        try {
            String text = Files.readString(file);
            all = text.stripLeading().startsWith("{") ? set(text) : pem(text);
        } catch (IOException e) {
            throw new StartFailure(
                    "auth.jwt.keys " + file + ": cannot be read: " + StartFailure.reason(e), e);
        } catch (ParseException | IllegalArgumentException e) {
            // The cause may show a key.
            throw new StartFailure("auth.jwt.keys " + file + ": this is no JWK set");
        }
        if (all.isEmpty()) {
            throw new StartFailure(
                    "auth.jwt.keys "
                            + file
                            + ": expected public keys or certificates as PEM (RSA, EC, Ed25519), or"
                            + " a JWK set; found none");
        }
        return new Listed(all);
    }

    /// Those of a file.
    record Listed(List<JWK> all) implements TokenKeys {
        @Override
        public List<JWK> candidates(JWSHeader header) {
            return all.stream()
                    .filter(it ->
                            it.getKeyID() == null
                                    || header.getKeyID() == null
                                    || it.getKeyID().equals(header.getKeyID()))
                    .toList();
        }
    }

    private static List<JWK> set(String text) throws ParseException {
        return text.contains("\"keys\"") ? JWKSet.parse(text).getKeys() : List.of(JWK.parse(text));
    }

    private static List<JWK> pem(String text) throws IOException {
        List<JWK> keys = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
                if (next instanceof SubjectPublicKeyInfo info) {
                    keys.add(key(info));
                } else if (next instanceof X509CertificateHolder certificate) {
                    keys.add(key(certificate.getSubjectPublicKeyInfo()));
                }
            }
        }
        return keys;
    }

    private static JWK key(SubjectPublicKeyInfo info) throws PEMException {
        if (info.getAlgorithm().getAlgorithm().equals(EdECObjectIdentifiers.id_Ed25519)) {
            Base64URL x = Base64URL.encode(info.getPublicKeyData().getBytes());
            return new OctetKeyPair.Builder(Curve.Ed25519, x).build();
        }
        PublicKey key = new JcaPEMKeyConverter().getPublicKey(info);
        if (key instanceof RSAPublicKey rsa) {
            return new RSAKey.Builder(rsa).build();
        }
        if (key instanceof ECPublicKey ec) {
            return new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).build();
        }
        throw new PEMException("a key of a kind that signs no tokens");
    }
}
