package io.switchboard.server.tls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/// What the server shows for itself in a TLS handshake.
///
/// @param chain its own certificate first
/// @param key of that one
/// @param development whether nobody but the server vouches for it
public record ServerCertificate(List<X509Certificate> chain, PrivateKey key, boolean development) {
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
