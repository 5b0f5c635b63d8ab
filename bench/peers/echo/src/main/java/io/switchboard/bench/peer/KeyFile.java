package io.switchboard.bench.peer;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;

/// A server's certificate and key, PKCS #12.
record KeyFile(Path path, String password) {
    static final String TYPE = "PKCS12";

    /// As the other arguments of each echo server: none for no TLS, else file and password.
    static KeyFile of(String[] args) {
        return args.length == 0 ? null : new KeyFile(Path.of(args[0]), args[1]);
    }

    KeyStore store() throws Exception {
        KeyStore store = KeyStore.getInstance(TYPE);
        try (InputStream in = Files.newInputStream(path)) {
            store.load(in, password.toCharArray());
        }
        return store;
    }

    static void announce(KeyFile key, int port) {
        System.out.println((key == null ? "ws" : "wss") + "://127.0.0.1:" + port + "/echo");
    }
}
