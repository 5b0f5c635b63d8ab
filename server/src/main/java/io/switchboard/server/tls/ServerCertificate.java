package io.switchboard.server.tls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the server shows for itself in a TLS handshake.
///
/// @param chain its own certificate first
/// @param key of that one
/// @param development whether nobody but the server vouches for it
public record ServerCertificate(List<X509Certificate> chain, PrivateKey key, boolean development) {
    private static final Duration SOON = Duration.ofDays(14);

    public ServerCertificate {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("expected a certificate");
        }
    }

    /// SHA-256 of the certificate, as browsers and `openssl x509 -fingerprint` show it.
    public String fingerprint() {
        try {
            byte[] encoded = chain.getFirst().getEncoded();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(encoded);
            return HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read has no encoding", e);
        }
    }

    /// The names that a client may have asked for to be shown it, in lower case: those of DNS among
    /// the alternative names (RFC 6125), with `*` for a first label where they have that.
    public List<String> names() {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> all = chain.getFirst().getSubjectAlternativeNames();
            for (List<?> each : all == null ? List.<List<?>>of() : all) {
                if (Integer.valueOf(2).equals(each.get(0)) && each.get(1) instanceof String name) {
                    names.add(name.toLowerCase(Locale.ROOT));
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return names;
    }

    /// What is wrong with its dates, or soon will be, for the log; null if nothing is.
    public @Nullable String concern(Instant now) {
        X509Certificate first = chain.getFirst();
        Instant from = first.getNotBefore().toInstant();
        Instant until = first.getNotAfter().toInstant();
        String whose = "the certificate of " + first.getSubjectX500Principal().getName();
        if (now.isBefore(from)) {
            return whose + " does not hold before " + from;
        }
        if (now.isAfter(until)) {
            return whose + " has held until " + until + " only: clients refuse it";
        }
        return now.plus(SOON).isAfter(until) ? whose + " holds until " + until + " only" : null;
    }

    /// Whether the key is the certificate's: one signs, the other verifies.
    boolean keyMatches() {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "EC", "ECDSA" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> key.getAlgorithm();
                };
        byte[] words = {'m', 'a', 't', 'c', 'h'};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(words);
            byte[] signed = signature.sign();
            signature.initVerify(chain.getFirst().getPublicKey());
            signature.update(words);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
