package io.switchboard.server.transport;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.switchboard.server.tls.ClientAuthorities;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/// Judges clients' certificates as the JDK does, and gives a refusal the reason that becomes the
/// alert (RFC 8446 section 6.2). Without one the alert would be `internal_error`, which reads like
/// a fault of the server to whoever has shown the wrong certificate. For all threads.
final class ClientTrust extends X509ExtendedTrustManager {
    /// As OpenSSL numbers them: the alerts `unknown_ca` and `bad_certificate`.
    static final int ISSUER_UNKNOWN = 20;

    static final int REJECTED = 28;

    /// Netty tells these by itself.
    private static final Set<CertPathValidatorException.Reason> TOLD =
            Set.of(BasicReason.EXPIRED, BasicReason.NOT_YET_VALID, BasicReason.REVOKED);

    private final X509ExtendedTrustManager judge;

    private ClientTrust(X509ExtendedTrustManager judge) {
        this.judge = judge;
    }

    static ClientTrust in(ClientAuthorities authorities) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new AssertionError("nothing is read", e);
        }
        for (X509Certificate each : authorities.certificates()) {
            store.setCertificateEntry("authority-" + store.size(), each);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return new ClientTrust((X509ExtendedTrustManager) factory.getTrustManagers()[0]);
    }

    static CertificateException told(CertificateException refusal) {
        int reason = REJECTED;
        for (Throwable it = refusal; it != null; it = it.getCause()) {
            if (it instanceof CertPathValidatorException path && TOLD.contains(path.getReason())) {
                return refusal;
            }
            if (it instanceof CertPathBuilderException) {
                reason = ISSUER_UNKNOWN;
            }
        }
        return new OpenSslCertificateException(refusal.getMessage(), refusal, reason);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        try {
            judge.checkClientTrusted(chain, type, engine);
        } catch (CertificateException e) {
            throw told(e);
        }
    }

    /// Whom clients may have their certificate from: they are told in the handshake.
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        judge.checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        judge.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        judge.checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        judge.checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        judge.checkServerTrusted(chain, type, socket);
    }
}
