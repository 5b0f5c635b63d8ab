package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.switchboard.server.TlsFiles;
import io.switchboard.server.tls.ClientAuthorities;
import io.switchboard.server.tls.PemFiles;
import java.nio.file.Path;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// RFC 8446 section 6.2: which alert a client's certificate gets, as the number that becomes it.
final class ClientTrustTest {
    private static final @Nullable SSLEngine NO_ENGINE = null;

    @TempDir private Path folder;

    private static void judge(TlsFiles believed, TlsFiles shown) throws Exception {
        ClientAuthorities authorities =
                new ClientAuthorities(PemFiles.read(believed).chain(), true);
        X509Certificate[] chain = PemFiles.read(shown).chain().toArray(X509Certificate[]::new);
        ClientTrust.in(authorities).checkClientTrusted(chain, "UNKNOWN", NO_ENGINE);
    }

    @Test
    void whoIsVouchedForIsLetIn() throws Exception {
        TlsFiles mine = new TestCertificates(folder).of("device-7.example");
        assertThatCode(() -> judge(mine, mine)).doesNotThrowAnyException();
    }

    @Test
    void anIssuerThatNobodyKnowsIsUnknownCa() throws Exception {
        TestCertificates certificates = new TestCertificates(folder);
        TlsFiles mine = certificates.of("device-7.example");
        TlsFiles unknown = certificates.of("device-8.example");
        assertThatThrownBy(() -> judge(mine, unknown))
                .isInstanceOfSatisfying(
                        OpenSslCertificateException.class,
                        e -> assertThat(e.errorCode()).isEqualTo(ClientTrust.ISSUER_UNKNOWN));
    }

    @Test
    void oneInTheNameOfSomebodyKnownIsABadCertificate() throws Exception {
        TlsFiles mine = new TestCertificates(folder).of("device-7.example");
        TlsFiles forged = TlsLoginTest.forged(folder, "device-7.example");
        assertThatThrownBy(() -> judge(mine, forged))
                .isInstanceOfSatisfying(
                        OpenSslCertificateException.class,
                        e -> assertThat(e.errorCode()).isEqualTo(ClientTrust.REJECTED));
    }

    /// Netty reads the reason of these by itself.
    @Test
    void oneThatHasEndedIsRefusedAsTheJdkDoes() {
        CertificateException ended =
                new CertificateException(
                        new CertPathValidatorException(
                                "ended", null, null, -1, BasicReason.EXPIRED));
        assertThat(ClientTrust.told(ended)).isSameAs(ended);
    }
}
