package io.switchboard.server.transport;

import io.switchboard.broker.Disconnect;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the log says of connections.
final class ConnectionLog {
    static final Logger LOG = LoggerFactory.getLogger("io.switchboard.server.connections");

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    private ConnectionLog() {}

    static void ended(String address, String name, Disconnect reason, String detail) {
        // Some of the detail is the client's, who must not write lines of its own into the log.
        String words =
                detail.isEmpty()
                        ? reason.text()
                        : reason.text() + ": " + CONTROL.matcher(detail).replaceAll("?");
        switch (reason.log()) {
            case DEBUG -> LOG.debug("{} {}: {}", address, name, words);
            case INFO -> LOG.info("{} {}: {}", address, name, words);
            case WARN -> LOG.warn("{} {}: {}", address, name, words);
            case ERROR -> LOG.error("{} {}: {}", address, name, words);
        }
    }

    /// What began it: of a certificate that is refused in the handshake, the outermost exception
    /// says nothing.
    static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return CONTROL.matcher(root.toString()).replaceAll("?");
    }
}
