package io.switchboard.server.transport;

import io.switchboard.server.TlsFiles;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Certificates in files, each vouched for by itself.
record TestCertificates(Path folder) {

    /// For a name, from an hour ago for a year.
    TlsFiles of(String name) throws Exception {
        return of(name, Instant.now().minusSeconds(3_600), Duration.ofDays(365));
    }

    TlsFiles of(String name, Instant from, Duration lifetime) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        X500Name subject = new X500Name("CN=" + name);
        var builder =
                new JcaX509v3CertificateBuilder(
                        subject,
                        BigInteger.valueOf(System.nanoTime()),
                        Date.from(from),
                        Date.from(from.plus(lifetime)),
                        subject,
                        pair.getPublic());
        builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate());
        X509Certificate certificate =
                new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        String file = name.replace('*', '_');
        Path pem = folder.resolve(file + ".pem");
        Path key = folder.resolve(file + ".key");
        write(pem, "CERTIFICATE", certificate.getEncoded());
        write(key, "PRIVATE KEY", pair.getPrivate().getEncoded());
        return new TlsFiles(pem, key);
    }

    private static void write(Path file, String what, byte[] content) throws IOException {
        Files.writeString(
                file,
                "-----BEGIN "
                        + what
                        + "-----\n"
                        + Base64.getMimeEncoder().encodeToString(content)
                        + "\n-----END "
                        + what
                        + "-----\n");
    }
}
