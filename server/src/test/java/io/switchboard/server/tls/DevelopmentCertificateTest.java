package io.switchboard.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.switchboard.server.StartFailure;
import io.switchboard.server.TlsFiles;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemObjectGenerator;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DevelopmentCertificateTest {
    private static final Instant NOW = Instant.parse("2030-06-01T12:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir private Path folder;

    @Nested
    final class WhatIsMade {
        /// Read by the platform's own parser, from the file.
        @Test
        void isForThisMachine() throws Exception {
            made(NOW);
            X509Certificate certificate = fromFile();

            assertThat(certificate.getSubjectAlternativeNames())
                    .containsExactly(
                            List.of(2, "localhost"),
                            List.of(2, "desk"),
                            List.of(2, "desk.example.com"),
                            List.of(7, "127.0.0.1"),
                            List.of(7, "0:0:0:0:0:0:0:1"));
        }

        @Test
        void isAServersAndNobodyElses() throws Exception {
            made(NOW);
            X509Certificate certificate = fromFile();

            assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
            assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
            assertThat(certificate.getKeyUsage()[0]).as("digitalSignature").isTrue();
            assertThat(certificate.getKeyUsage()[5]).as("keyCertSign").isFalse();
            certificate.verify(certificate.getPublicKey());
        }

        @Test
        void isEcdsaWithP256ForOneYear() throws Exception {
            made(NOW);
            X509Certificate certificate = fromFile();

            assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withECDSA");
            assertThat(certificate.getPublicKey()).isInstanceOf(ECPublicKey.class);
            assertThat(((ECPublicKey) certificate.getPublicKey()).getParams().toString())
                    .contains("secp256r1");
            assertThat(certificate.getNotBefore().toInstant()).isBefore(NOW);
            assertThat(certificate.getNotAfter().toInstant())
                    .isEqualTo(NOW.plus(Duration.ofDays(365)));
            assertThat(certificate.getSerialNumber()).isPositive();
        }

        @Test
        void differsEachTime(@TempDir Path other) throws StartFailure {
            assertThat(made(NOW).fingerprint())
                    .isNotEqualTo(
                            DevelopmentCertificate.in(other, List.of(), NOW, RANDOM).fingerprint());
        }

        @Test
        void hasAFingerprintAsOthersShowIt() throws Exception {
            ServerCertificate certificate = made(NOW);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(fromFile().getEncoded());

            assertThat(certificate.fingerprint())
                    .matches("[0-9A-F]{2}(:[0-9A-F]{2}){31}")
                    .isEqualTo(HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest));
            assertThat(certificate.development()).isTrue();
            assertThat(certificate.keyMatches()).isTrue();
        }

        @Test
        void leavesOutNamesThatNoCertificateMayHave() throws Exception {
            DevelopmentCertificate.in(
                    folder, List.of("my_desk", "localhost", "a b", ""), NOW, RANDOM);

            assertThat(fromFile().getSubjectAlternativeNames())
                    .containsExactly(
                            List.of(2, "localhost"),
                            List.of(7, "127.0.0.1"),
                            List.of(7, "0:0:0:0:0:0:0:1"));
        }
    }

    @Nested
    final class WhatIsKept {
        @Test
        void isOneCertificateAndOneKeyForItsOwnerOnly() throws Exception {
            made(NOW);

            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(it -> it.getFileName().toString()))
                        .containsExactlyInAnyOrder(
                                "development-certificate.pem", "development-key.pem");
            }
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keyFile())))
                    .isEqualTo("rw-------");
            assertThat(Files.readString(keyFile())).startsWith("-----BEGIN PRIVATE KEY-----\n");
            assertThat(Files.readString(certificateFile()))
                    .startsWith("-----BEGIN CERTIFICATE-----\n");
        }

        @Test
        void isUsedAgain() throws Exception {
            ServerCertificate first = made(NOW);

            assertThat(made(NOW.plus(Duration.ofDays(334)))).isEqualTo(first);
        }

        @Test
        void isMadeAnewThirtyDaysBeforeItsEnd() throws Exception {
            ServerCertificate first = made(NOW);
            Instant later = NOW.plus(Duration.ofDays(335));
            ServerCertificate second = made(later);

            assertThat(second.fingerprint()).isNotEqualTo(first.fingerprint());
            assertThat(fromFile()).isEqualTo(second.chain().getFirst());
            assertThat(made(later)).isEqualTo(second);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "not PEM",
                    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                    "-----BEGIN CERTIFICATE-----\nMIIB"
                })
        void isMadeAnewWhenItCannotBeRead(String content) throws Exception {
            ServerCertificate first = made(NOW);
            Files.writeString(certificateFile(), content);

            ServerCertificate second = made(NOW);

            assertThat(second.fingerprint()).isNotEqualTo(first.fingerprint());
            assertThat(fromFile()).isEqualTo(second.chain().getFirst());
        }

        @Test
        void isMadeAnewWhenHalfOfItIsGoneOrAnothers(@TempDir Path other) throws Exception {
            ServerCertificate first = made(NOW);
            Files.delete(keyFile());
            ServerCertificate second = made(NOW);
            assertThat(second.fingerprint()).isNotEqualTo(first.fingerprint());

            DevelopmentCertificate.in(other, List.of(), NOW, RANDOM);
            Files.copy(
                    other.resolve("development-key.pem"),
                    keyFile(),
                    StandardCopyOption.REPLACE_EXISTING);
            ServerCertificate third = made(NOW);
            assertThat(third.fingerprint()).isNotEqualTo(second.fingerprint());
            assertThat(third.keyMatches()).isTrue();
        }

        @Test
        void aHalfWrittenFileOfAnEarlierStartIsNoHindrance() throws Exception {
            Files.writeString(folder.resolve("development-key.pem.new"), "half");

            made(NOW);

            assertThat(folder.resolve("development-key.pem.new")).doesNotExist();
        }

        @Test
        void theDirectoryIsMadeToo() throws Exception {
            Path deep = folder.resolve("a/b");
            DevelopmentCertificate.in(deep, List.of(), NOW, RANDOM);

            assertThat(deep.resolve("development-key.pem")).exists();
        }

        @Test
        void aDirectoryThatCannotBeWrittenToIsNamed() throws IOException {
            Path file = Files.createFile(folder.resolve("file"));

            assertThatExceptionOfType(StartFailure.class)
                    .isThrownBy(() -> DevelopmentCertificate.in(file, List.of(), NOW, RANDOM))
                    .withMessage(
                            "cannot keep the development certificate in the data directory "
                                    + file
                                    + " (it is a file, not a directory): make it writable, or"
                                    + " choose another one with --data");
        }
    }

    @Nested
    final class AnOperatorsOwn {
        @Test
        void isReadFromItsFiles() throws Exception {
            ServerCertificate made = made(NOW);
            ServerCertificate read = PemFiles.read(new TlsFiles(certificateFile(), keyFile()));

            assertThat(read.chain()).isEqualTo(made.chain());
            assertThat(read.development()).isFalse();
        }

        @Test
        void comesWithThoseThatVouchForIt(@TempDir Path other) throws Exception {
            made(NOW);
            DevelopmentCertificate.in(other, List.of(), NOW, RANDOM);
            Path chain = folder.resolve("chain.pem");
            Files.writeString(
                    chain,
                    Files.readString(certificateFile())
                            + "\n"
                            + Files.readString(other.resolve("development-certificate.pem")));

            assertThat(PemFiles.read(new TlsFiles(chain, keyFile())).chain()).hasSize(2);
        }

        @Test
        void hasTheKeyThatBelongsToIt(@TempDir Path other) throws Exception {
            made(NOW);
            DevelopmentCertificate.in(other, List.of(), NOW, RANDOM);
            Path wrong = other.resolve("development-key.pem");

            assertMistake(
                    new TlsFiles(certificateFile(), wrong),
                    "tls-key "
                            + wrong
                            + ": this is not the key of the first certificate in "
                            + certificateFile());
        }

        @Test
        void isNamedWhenItIsNotThere() throws Exception {
            made(NOW);
            Path none = folder.resolve("none.pem");

            assertMistake(
                    new TlsFiles(none, keyFile()),
                    "tls-certificate " + none + ": cannot be read: there is no such file");
            assertMistake(
                    new TlsFiles(certificateFile(), none),
                    "tls-key " + none + ": cannot be read: there is no such file");
        }

        @Test
        void isNamedWhenItIsSomethingElse() throws Exception {
            made(NOW);

            assertMistake(
                    new TlsFiles(keyFile(), keyFile()),
                    "tls-certificate "
                            + keyFile()
                            + ": expected PEM with -----BEGIN CERTIFICATE-----, found none");
            assertMistake(
                    new TlsFiles(certificateFile(), certificateFile()),
                    "tls-key "
                            + certificateFile()
                            + ": expected PEM with -----BEGIN PRIVATE KEY-----, found none");
        }

        /// The ways in which OpenSSL writes a key, older ones too.
        @ParameterizedTest
        @CsvSource({
            "EC, false, BEGIN EC PRIVATE KEY",
            "EC, true, BEGIN PRIVATE KEY",
            "RSA, false, BEGIN RSA PRIVATE KEY",
            "RSA, true, BEGIN PRIVATE KEY",
            "Ed25519, true, BEGIN PRIVATE KEY"
        })
        void mayHaveItsKeyInAnyForm(String algorithm, boolean pkcs8, String head) throws Exception {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("EC")) {
                generator.initialize(new ECGenParameterSpec("secp256r1"));
            }
            KeyPair pair = generator.generateKeyPair();
            Files.writeString(certificateFile(), selfSigned(pair));
            PrivateKey key = pair.getPrivate();
            Files.writeString(
                    keyFile(), pem(pkcs8 ? new JcaPKCS8Generator(key, null) : older(key)));
            assertThat(Files.readString(keyFile())).contains(head);

            assertThat(PemFiles.read(new TlsFiles(certificateFile(), keyFile())).keyMatches())
                    .isTrue();
        }

        @Test
        void mustNotHaveItsKeyEncrypted() throws Exception {
            PrivateKey key = made(NOW).key();
            var encryptor =
                    new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                            .setProvider(new BouncyCastleProvider())
                            .setPassword("secret".toCharArray())
                            .build();
            Files.writeString(keyFile(), pem(new JcaPKCS8Generator(key, encryptor)));

            assertMistake(
                    new TlsFiles(certificateFile(), keyFile()),
                    "tls-key "
                            + keyFile()
                            + ": the key is encrypted; write it without a passphrase with"
                            + " 'openssl pkey -in FILE -out FILE'");
        }
    }

    /// As OpenSSL writes them: the key of an elliptic curve with the name of its curve (RFC 5915).
    private static PemObjectGenerator older(PrivateKey key) throws IOException {
        if (key instanceof java.security.interfaces.ECPrivateKey ec) {
            var structure = new ECPrivateKey(256, ec.getS(), SECObjectIdentifiers.secp256r1);
            return new PemObject("EC PRIVATE KEY", structure.getEncoded());
        }
        return new JcaMiscPEMGenerator(key);
    }

    private static String selfSigned(KeyPair pair) throws Exception {
        X500Name name = new X500Name("CN=test");
        Date from = Date.from(NOW);
        Date until = Date.from(NOW.plus(Duration.ofDays(1)));
        String algorithm =
                switch (pair.getPrivate().getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> "Ed25519";
                };
        var builder =
                new JcaX509v3CertificateBuilder(
                        name, BigInteger.ONE, from, until, name, pair.getPublic());
        var signer = new JcaContentSignerBuilder(algorithm).build(pair.getPrivate());
        return pem(
                new JcaMiscPEMGenerator(
                        new JcaX509CertificateConverter().getCertificate(builder.build(signer))));
    }

    private static String pem(PemObjectGenerator object) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    private static void assertMistake(TlsFiles files, String message) {
        assertThatExceptionOfType(StartFailure.class)
                .isThrownBy(() -> PemFiles.read(files))
                .withMessage(message);
    }

    private ServerCertificate made(Instant now) throws StartFailure {
        return DevelopmentCertificate.in(folder, List.of("desk", "desk.example.com"), now, RANDOM);
    }

    private X509Certificate fromFile() throws Exception {
        try (var in = Files.newInputStream(certificateFile())) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private Path certificateFile() {
        return folder.resolve("development-certificate.pem");
    }

    private Path keyFile() {
        return folder.resolve("development-key.pem");
    }
}
