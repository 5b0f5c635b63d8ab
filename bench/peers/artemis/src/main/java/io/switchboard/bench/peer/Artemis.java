package io.switchboard.bench.peer;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;

/// ActiveMQ Artemis with STOMP, which its acceptor speaks over WebSocket too, without users. With a
/// folder as its argument it keeps persistent messages in a journal there and answers when they are
/// on the disk; without one it is in memory.
public final class Artemis {
    /// Where the acceptor finds what a destination is; else it would take all for queues.
    private static final String PREFIXES = "anycastPrefix=/queue/;multicastPrefix=/topic/";

    private static final int DISK_PERCENT_MAX = 99;

    private Artemis() {}

    public static void main(String[] arguments) throws Exception {
        int port = freePort();
        Configuration configuration =
                new ConfigurationImpl()
                        .setSecurityEnabled(false)
                        .setPersistenceEnabled(arguments.length > 0)
                        .setMaxDiskUsage(DISK_PERCENT_MAX)
                        .addAcceptorConfiguration(
                                "stomp",
                                "tcp://127.0.0.1:" + port + "?protocols=STOMP;" + PREFIXES);
        if (arguments.length > 0) {
            Path data = Path.of(arguments[0]);
            configuration
                    .setJournalType(JournalType.NIO)
                    .setJournalSyncNonTransactional(true)
                    .setJournalSyncTransactional(true)
                    .setJournalDirectory(data.resolve("journal").toString())
                    .setBindingsDirectory(data.resolve("bindings").toString())
                    .setLargeMessagesDirectory(data.resolve("large").toString())
                    .setPagingDirectory(data.resolve("paging").toString());
        }
        new EmbeddedActiveMQ().setConfiguration(configuration).start();
        System.out.println("ws://127.0.0.1:" + port + "/stomp");
        Thread.currentThread().join();
    }

    /// Its acceptor does not say which port it took.
    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
