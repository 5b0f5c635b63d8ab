package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

final class ConnectionLogTest {
    @Test
    void aHandshakeThatFailedIsExplainedByWhatBeganIt() {
        Throwable failure =
                new SSLHandshakeException("General OpenSslEngine problem")
                        .initCause(new CertificateException("nobody vouches\nfor it"));

        assertThat(ConnectionLog.reason(failure))
                .isEqualTo("java.security.cert.CertificateException: nobody vouches?for it");
        assertThat(ConnectionLog.reason(new IllegalStateException("x")))
                .isEqualTo("java.lang.IllegalStateException: x");
    }
}
