package io.switchboard.server.tls;

import io.switchboard.server.ClientCertificates;
import io.switchboard.server.StartFailure;
import io.switchboard.server.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/// Reads certificates and keys as PEM (RFC 7468), keys also in the older forms of OpenSSL.
public final class PemFiles {
    private PemFiles() {}

    /// @throws StartFailure saying which file or setting is wrong
    public static ServerCertificate read(TlsFiles files) throws StartFailure {
        List<X509Certificate> chain = certificates("tls-certificate", files.certificate());
        PrivateKey key = key(files.key());
        ServerCertificate certificate = new ServerCertificate(chain, key, false);
        if (!certificate.keyMatches()) {
            throw new StartFailure(
                    "tls-key "
                            + files.key()
                            + ": this is not the key of the first certificate in "
                            + files.certificate());
        }
        return certificate;
    }

    /// The first and the others.
    ///
    /// @throws StartFailure saying which file or setting is wrong
    public static List<ServerCertificate> readAll(TlsFiles files) throws StartFailure {
        List<ServerCertificate> all = new ArrayList<>();
        all.add(read(files));
        for (TlsFiles other : files.others()) {
            all.add(read(other));
        }
        return all;
    }

    /// @throws StartFailure saying which file is wrong
    public static ClientAuthorities read(ClientCertificates clients) throws StartFailure {
        return new ClientAuthorities(
                certificates("tls-client-ca", clients.authorities()), clients.needed());
    }

    private static List<X509Certificate> certificates(String setting, Path file)
            throws StartFailure {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
            for (Object each : objects(file)) {
                if (each instanceof X509CertificateHolder holder) {
                    chain.add(converter.getCertificate(holder));
                }
            }
        } catch (IOException | CertificateException e) {
            throw unreadable(setting, file, e);
        }
        if (chain.isEmpty()) {
            throw new StartFailure(
                    setting
                            + " "
                            + file
                            + ": expected PEM with -----BEGIN CERTIFICATE-----, found none");
        }
        return chain;
    }

    private static PrivateKey key(Path file) throws StartFailure {
        try {
            for (Object each : objects(file)) {
                PrivateKeyInfo info = keyInfo(file, each);
                if (info != null) {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                }
            }
        } catch (IOException e) {
            throw unreadable("tls-key", file, e);
        }
        throw new StartFailure(
                "tls-key " + file + ": expected PEM with -----BEGIN PRIVATE KEY-----, found none");
    }

    private static @Nullable PrivateKeyInfo keyInfo(Path file, Object object) throws StartFailure {
        if (object instanceof PEMEncryptedKeyPair
                || object instanceof PKCS8EncryptedPrivateKeyInfo) {
            throw new StartFailure(
                    "tls-key "
                            + file
                            + ": the key is encrypted; write it without a passphrase with"
                            + " 'openssl pkey -in FILE -out FILE'");
        }
        if (object instanceof PEMKeyPair pair) {
            return pair.getPrivateKeyInfo();
        }
        return object instanceof PrivateKeyInfo info ? info : null;
    }

    private static List<Object> objects(Path file) throws IOException {
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser = new PEMParser(Files.newBufferedReader(file))) {
            for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
                objects.add(next);
            }
        }
        return objects;
    }

    private static StartFailure unreadable(String setting, Path file, Exception failure) {
        String reason =
                failure instanceof IOException io ? StartFailure.reason(io) : failure.getMessage();
        return new StartFailure(
                setting + " " + file + ": cannot be read: " + oneLine(reason), failure);
    }

    private static String oneLine(@Nullable String text) {
        return String.valueOf(text).replaceAll("\\s+", " ");
    }
}
