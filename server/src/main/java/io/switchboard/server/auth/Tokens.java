package io.switchboard.server.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import io.switchboard.broker.Principal;
import io.switchboard.server.StartFailure;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// JSON Web Tokens (RFC 7519), as RFC 8725 would have them looked at: the algorithm is one that the
/// operator named, the key is of that algorithm's kind, and a token that does not end is none.
final class Tokens {
    static final Set<String> ALGORITHMS =
            new TreeSet<>(
                    List.of(
                            "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384",
                            "PS512", "ES256", "ES384", "ES512", "EdDSA"));

    /// Three parts in base64url, the first of which begins with `{"`.
    private static final Pattern TOKEN =
            Pattern.compile("eyJ[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");

    private static final Set<String> TYPES = Set.of("JWT", "AT+JWT");

    /// What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410
    /// section 4).
    private static final byte[] ED25519 = HexFormat.of().parseHex("302a300506032b6570032100");

    private final TokenOptions options;
    private final TokenKeys keys;
    private final DefaultJWTClaimsVerifier<?> claims;

    Tokens(TokenOptions options, TokenKeys keys) {
        this.options = options;
        this.keys = keys;
        JWTClaimsSet exact =
                options.issuer() == null
                        ? new JWTClaimsSet.Builder().build()
                        : new JWTClaimsSet.Builder().issuer(options.issuer()).build();
        claims =
                new DefaultJWTClaimsVerifier<>(
                        options.audience() == null ? null : Set.of(options.audience()),
                        exact,
                        Set.of("exp"),
                        Set.of());
        claims.setMaxClockSkew((int) options.leeway().toSeconds());
    }

    static Tokens of(TokenOptions options) throws StartFailure {
        URI jwks = options.jwks();
        Path file = options.keys();
        if (jwks != null) {
            return new Tokens(options, TokenKeys.fetched(jwks, TokenKeys.FETCH_PAUSE_MILLIS));
        }
        return new Tokens(options, TokenKeys.in(Objects.requireNonNull(file)));
    }

    /// To be compared alone: there are keys in it.
    Object inForce() {
        return List.of(options, keys);
    }

    Verdict ofConnect(Credentials who) {
        String bearer = Credentials.bearer(who.authorization());
        if (who.authorization() != null) {
            return bearer == null
                    ? new Verdict.Refused("expected Bearer in Authorization")
                    : judge(bearer, who);
        }
        String passcode = who.passcode();
        return passcode != null && TOKEN.matcher(passcode).matches()
                ? judge(passcode, who)
                : Verdict.PASSED;
    }

    /// Only where the CONNECT itself shows nothing.
    Verdict ofHandshake(Credentials who) {
        if (who.passcode() != null) {
            return Verdict.PASSED;
        }
        String cookie = options.cookie() == null ? null : who.cookies().get(options.cookie());
        String token = who.bearer() != null ? who.bearer() : cookie;
        return token == null || token.isEmpty() ? Verdict.PASSED : judge(token, who);
    }

    private Verdict judge(String token, Credentials who) {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            String problem = headProblem(jwt.getHeader());
            if (problem != null) {
                return new Verdict.Refused(problem);
            }
            if (!signed(jwt)) {
                return new Verdict.Refused("no key has signed the token");
            }
            JWTClaimsSet found = jwt.getJWTClaimsSet();
            claims.verify(found, null);
            return accepted(found, who);
        } catch (ParseException e) {
            return new Verdict.Refused("the token is malformed");
        } catch (KeySourceException e) {
            return new Verdict.Unavailable("the keys cannot be fetched: " + e.getMessage());
        } catch (BadJWTException e) {
            return new Verdict.Refused("a claim of the token: " + e.getMessage());
        }
    }

    private @Nullable String headProblem(JWSHeader header) {
        String algorithm = header.getAlgorithm().getName();
        if (!options.algorithms().contains(algorithm)) {
            return "the token's algorithm is not allowed";
        }
        Set<String> critical = header.getCriticalParams();
        if (critical != null && !critical.isEmpty()) {
            return "the token has critical parameters";
        }
        JOSEObjectType type = header.getType();
        if (type != null && !TYPES.contains(type.getType().toUpperCase(Locale.ROOT))) {
            return "the token is of another type";
        }
        return null;
    }

    // --- Signature ---

    private boolean signed(SignedJWT jwt) throws KeySourceException {
        JWSAlgorithm algorithm = jwt.getHeader().getAlgorithm();
        for (JWK key : keys.candidates(jwt.getHeader())) {
            boolean fits =
                    key.getKeyType().equals(KeyType.forAlgorithm(algorithm))
                            && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm))
                            && (key.getKeyUse() == null || key.getKeyUse() == KeyUse.SIGNATURE);
            if (fits && signedBy(key, jwt)) {
                return true;
            }
        }
        return false;
    }

    private static boolean signedBy(JWK key, SignedJWT jwt) {
        try {
            return switch (key) {
                case RSAKey rsa -> verifies(new RSASSAVerifier(rsa), jwt);
                case ECKey ec -> verifies(new ECDSAVerifier(ec), jwt);
                case OctetSequenceKey secret -> verifies(new MACVerifier(secret), jwt);
                case OctetKeyPair pair -> ed25519(pair, jwt);
                default -> false;
            };
        } catch (JOSEException | GeneralSecurityException e) {
            return false;
        }
    }

    private static boolean verifies(JWSVerifier verifier, SignedJWT jwt) throws JOSEException {
        return jwt.verify(verifier);
    }

    private static boolean ed25519(OctetKeyPair pair, SignedJWT jwt)
            throws GeneralSecurityException {
        byte[] x = pair.getDecodedX();
        if (!pair.getCurve().equals(Curve.Ed25519) || x.length != 32) {
            return false;
        }
        byte[] encoded = Arrays.copyOf(ED25519, ED25519.length + x.length);
        System.arraycopy(x, 0, encoded, ED25519.length, x.length);
        Signature signature = Signature.getInstance("Ed25519");
        signature.initVerify(
                KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
        signature.update(jwt.getSigningInput());
        return signature.verify(jwt.getSignature().decode());
    }

    // --- Claims ---

    private Verdict accepted(JWTClaimsSet found, Credentials who) {
        if (!(found.getClaim(options.nameClaim()) instanceof String name) || name.isBlank()) {
            return new Verdict.Refused("expected a name in " + options.nameClaim());
        }
        Map<String, List<String>> flat = new HashMap<>();
        found.getClaims()
                .forEach((claim, value) -> {
                    List<String> texts = texts(value);
                    if (!texts.isEmpty()) {
                        flat.put(claim, texts);
                    }
                });
        Principal principal =
                new Principal(
                        name,
                        who.local(),
                        who.address(),
                        roles(found),
                        flat,
                        found.getExpirationTime().getTime() + options.leeway().toMillis());
        return new Verdict.Accepted(principal, "token");
    }

    /// A list, or words in one string, as `scope` has them.
    private Set<String> roles(JWTClaimsSet found) {
        Object value = found.getClaim(options.rolesClaim());
        if (value == null) {
            value = found.getClaims();
            for (String step : options.rolesClaim().split("\\.", -1)) {
                value = value instanceof Map<?, ?> object ? object.get(step) : null;
            }
        }
        Set<String> roles = new LinkedHashSet<>();
        for (String text : texts(value)) {
            roles.addAll(
                    value instanceof String
                            ? List.of(text.strip().split("\\s+", -1))
                            : List.of(text));
        }
        roles.remove("");
        return roles;
    }

    /// What rules can compare: text, numbers, truths, moments as seconds since 1970.
    private static List<String> texts(@Nullable Object value) {
        List<String> texts = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object each : list) {
                if (!(each instanceof List<?>)) {
                    texts.addAll(texts(each));
                }
            }
        } else if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            texts.add(String.valueOf(value));
        } else if (value instanceof Date moment) {
            texts.add(String.valueOf(moment.getTime() / 1_000));
        }
        return texts;
    }
}
