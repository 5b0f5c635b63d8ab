package io.switchboard.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// Opens sockets, TLS included, and says in words why it could not.
final class Sockets {

    private Sockets() {}

    static Socket open(ClientOptions options) throws IOException {
        Socket socket = connect(options);
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMillis(options));
            return options.scheme().tls ? secure(socket, options) : socket;
        } catch (IOException | RuntimeException e) {
            close(socket);
            throw e;
        }
    }

    static int timeoutMillis(ClientOptions options) {
        return (int) Math.clamp(options.timeout().toMillis(), 1L, Integer.MAX_VALUE);
    }

    /// A name may have several addresses of which the server listens at one: `localhost` has two.
    private static Socket connect(ClientOptions options) throws IOException {
        String place = options.url().getHost() + ":" + options.port();
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(options.url().getHost());
        } catch (UnknownHostException e) {
            throw new IOException("no address is known for " + options.url().getHost(), e);
        }
        IOException failure = new ConnectException("no address for " + place);
        for (InetAddress address : addresses) {
            Socket socket = new Socket();
            try {
                socket.connect(
                        new InetSocketAddress(address, options.port()), timeoutMillis(options));
                return socket;
            } catch (IOException e) {
                close(socket);
                failure = e;
            }
        }
        if (failure instanceof SocketTimeoutException) {
            throw new IOException("no answer from " + place, failure);
        }
        ConnectException refused =
                new ConnectException("cannot connect to " + place + ": " + failure.getMessage());
        refused.initCause(failure);
        throw refused;
    }

    private static Socket secure(Socket plain, ClientOptions options) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        options.trust()
                                .context()
                                .getSocketFactory()
                                .createSocket(plain, options.url().getHost(), options.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        try {
            socket.startHandshake();
        } catch (SSLException e) {
            throw new SSLException(why(e), e);
        }
        return socket;
    }

    /// The innermost cause is the one that says it in words.
    private static String why(SSLException failure) {
        Throwable cause = failure;
        boolean certificate = false;
        while (cause.getCause() != null) {
            cause = cause.getCause();
            certificate |= cause instanceof CertificateException;
        }
        return (certificate
                        ? "the server's certificate is not trusted: "
                        : "TLS handshake failed: ")
                + cause.getMessage();
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way, and nobody could do anything about it.
            return;
        }
    }
}
