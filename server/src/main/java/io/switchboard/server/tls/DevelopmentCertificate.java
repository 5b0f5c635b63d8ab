package io.switchboard.server.tls;

import io.switchboard.server.StartFailure;
import io.switchboard.server.TlsFiles;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObjectGenerator;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/// The certificate of a server that was given none: made when it is first needed, kept in the data
/// directory so that a browser which was once told to trust it goes on to, and made anew when it
/// comes to its end or cannot be read.
public final class DevelopmentCertificate {
    static final String CERTIFICATE_FILE = "development-certificate.pem";
    static final String KEY_FILE = "development-key.pem";
    static final Duration LIFETIME = Duration.ofDays(365);
    static final Duration RENEWED_BEFORE_END = Duration.ofDays(30);

    private static final String NAME = "CN=Switchboard development certificate";

    private DevelopmentCertificate() {}

    /// @param data the directory, which need not exist
    /// @param hostNames of this machine, besides `localhost` and its addresses
    /// @throws StartFailure if the directory cannot be written to
    public static ServerCertificate in(
            Path data, Collection<String> hostNames, Instant now, SecureRandom random)
            throws StartFailure {
        TlsFiles files = new TlsFiles(data.resolve(CERTIFICATE_FILE), data.resolve(KEY_FILE));
        ServerCertificate kept = kept(files);
        if (kept != null && now.plus(RENEWED_BEFORE_END).isBefore(end(kept))) {
            return kept;
        }
        ServerCertificate made = make(hostNames, now, random);
        try {
            Files.createDirectories(data);
            // The key first: whatever is cut off in between, a certificate and a key that do not
            // belong together are both made anew.
            write(files.key(), pem(new JcaPKCS8Generator(made.key(), null)), "rw-------");
            write(
                    files.certificate(),
                    pem(new JcaMiscPEMGenerator(made.chain().getFirst())),
                    "rw-r--r--");
        } catch (IOException e) {
            throw new StartFailure(
                    "cannot keep the development certificate in the data directory "
                            + data
                            + " ("
                            + StartFailure.reason(e)
                            + "): make it writable, or choose another one with --data",
                    e);
        }
        return made;
    }

    private static @Nullable ServerCertificate kept(TlsFiles files) {
        try {
            ServerCertificate read = PemFiles.read(files);
            return new ServerCertificate(read.chain(), read.key(), true);
        } catch (StartFailure e) {
            return null;
        }
    }

    private static Instant end(ServerCertificate certificate) {
        return certificate.chain().getFirst().getNotAfter().toInstant();
    }

    private static ServerCertificate make(
            Collection<String> hostNames, Instant now, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            return new ServerCertificate(
                    List.of(sign(pair, hostNames, now, random)), pair.getPrivate(), true);
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("every Java platform has ECDSA with P-256", e);
        }
    }

    private static X509Certificate sign(
            KeyPair pair, Collection<String> hostNames, Instant now, SecureRandom random)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        X500Name name = new X500Name(NAME);
        var builder =
                new JcaX509v3CertificateBuilder(
                        name,
                        new BigInteger(127, random).add(BigInteger.ONE),
                        // A client's clock may be a little behind.
                        Date.from(now.minus(Duration.ofHours(1))),
                        Date.from(now.plus(LIFETIME)),
                        name,
                        pair.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(Extension.subjectAlternativeName, false, names(hostNames));
        var signer = new JcaContentSignerBuilder("SHA256withECDSA").setSecureRandom(random);
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(signer.build(pair.getPrivate())));
    }

    private static GeneralNames names(Collection<String> hostNames) {
        List<GeneralName> names = new ArrayList<>();
        names.add(new GeneralName(GeneralName.dNSName, "localhost"));
        for (String host : hostNames) {
            // Others, with an underscore say, are not allowed in a certificate (RFC 5280 section
            // 4.2.1.6).
            if (!host.equals("localhost") && host.matches("[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*")) {
                names.add(new GeneralName(GeneralName.dNSName, host));
            }
        }
        names.add(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
        names.add(new GeneralName(GeneralName.iPAddress, "::1"));
        return new GeneralNames(names.toArray(new GeneralName[0]));
    }

    private static String pem(PemObjectGenerator object) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    /// In one step, and with its permissions from the beginning: nobody ever finds half a file, or
    /// a key that is open to others.
    private static void write(Path file, String text, String permissions) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Set<StandardOpenOption> options =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel =
                FileChannel.open(fresh, options, attributes(fresh, permissions))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static FileAttribute<?>[] attributes(Path file, String permissions) {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
