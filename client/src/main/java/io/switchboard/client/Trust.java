package io.switchboard.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates are believed over TLS. Immutable.
public final class Trust {

    private static final Trust SYSTEM = new Trust(false, List.of(), List.of());

    private final boolean anything;

    /// Where certificate chains must end; empty for those of the system.
    private final List<X509Certificate> roots;

    /// Believed as they are, whatever name and date they carry.
    private final List<X509Certificate> known;

    private Trust(boolean anything, List<X509Certificate> roots, List<X509Certificate> known) {
        this.anything = anything;
        this.roots = roots;
        this.known = known;
    }

    /// The certificate authorities of the Java installation; the server's name must fit.
    public static Trust system() {
        return SYSTEM;
    }

    /// The authorities of a PEM file instead of the system's. A server that shows exactly one of
    /// these certificates is believed as well.
    public static Trust certificates(Path pem) throws IOException {
        List<X509Certificate> certificates = read(pem);
        return new Trust(false, certificates, certificates);
    }

    /// Any certificate at all: whoever sits between can read and change everything. For tests.
    public static Trust anything() {
        return new Trust(true, List.of(), List.of());
    }

    /// The same, and also a server that shows exactly a certificate of this PEM file: who holds its
    /// key is the one who made the file, so neither name nor issuer matter.
    public Trust orExactly(Path pem) throws IOException {
        List<X509Certificate> all = new ArrayList<>(known);
        all.addAll(read(pem));
        return new Trust(anything, roots, List.copyOf(all));
    }

    private static List<X509Certificate> read(Path pem) throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        try (InputStream in = Files.newInputStream(pem)) {
            for (Certificate each :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                certificates.add((X509Certificate) each);
            }
        } catch (CertificateException e) {
            throw new IOException("expected certificates in PEM form in " + pem, e);
        }
        if (certificates.isEmpty()) {
            throw new IOException(
                    "expected certificates in PEM form in " + pem + " but found none");
        }
        return List.copyOf(certificates);
    }

    SSLContext context() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Judge(this, pathCheck())}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be used: " + e.getMessage(), e);
        }
    }

    private X509ExtendedTrustManager pathCheck() throws GeneralSecurityException, IOException {
        KeyStore store = null;
        if (!roots.isEmpty()) {
            store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < roots.size(); i++) {
                store.setCertificateEntry("root-" + i, roots.get(i));
            }
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager each : factory.getTrustManagers()) {
            if (each instanceof X509ExtendedTrustManager manager) {
                return manager;
            }
        }
        throw new GeneralSecurityException("no check of certificate paths in this Java");
    }

    /// An extended trust manager does the check of the server's name itself, so believing a known
    /// certificate here leaves that check out, and asking `pathCheck` includes it.
    private static final class Judge extends X509ExtendedTrustManager {
        private final Trust trust;
        private final X509ExtendedTrustManager pathCheck;

        Judge(Trust trust, X509ExtendedTrustManager pathCheck) {
            this.trust = trust;
            this.pathCheck = pathCheck;
        }

        private boolean believed(X509Certificate[] chain) {
            return trust.anything || (chain.length > 0 && trust.known.contains(chain[0]));
        }

        @Override
        public void checkServerTrusted(
                X509Certificate[] chain, String authType, @Nullable Socket socket)
                throws CertificateException {
            if (!believed(chain)) {
                pathCheck.checkServerTrusted(chain, authType, socket);
            }
        }

        @Override
        public void checkServerTrusted(
                X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
                throws CertificateException {
            if (!believed(chain)) {
                pathCheck.checkServerTrusted(chain, authType, engine);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
                throws CertificateException {
            if (!believed(chain)) {
                pathCheck.checkServerTrusted(chain, authType);
            }
        }

        @Override
        public void checkClientTrusted(
                X509Certificate[] chain, String authType, @Nullable Socket socket)
                throws CertificateException {
            throw notAServer();
        }

        @Override
        public void checkClientTrusted(
                X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
                throws CertificateException {
            throw notAServer();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType)
                throws CertificateException {
            throw notAServer();
        }

        private static CertificateException notAServer() {
            return new CertificateException("this is the client's side");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return pathCheck.getAcceptedIssuers();
        }
    }
}
