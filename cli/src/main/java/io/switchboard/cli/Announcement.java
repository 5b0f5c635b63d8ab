package io.switchboard.cli;

import io.switchboard.server.DataOptions;
import io.switchboard.server.Listener;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.tls.ServerCertificate;
import io.switchboard.server.transport.Addresses;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the server says of itself when all of its listeners accept: a line for each, with the real
/// port, then that it is ready.
final class Announcement {
    private static final String WEB_SOCKET_PATH = "/ws";
    private static final String READY = "Switchboard is ready";

    private Announcement() {}

    static List<String> lines(SwitchboardServer server, ServerOptions options) {
        List<String> lines = new ArrayList<>();
        ServerCertificate certificate = server.certificate();
        for (Listener listener : server.listeners()) {
            String line = line(name(listener), listener.url());
            boolean wss = listener.name().equals("tls");
            lines.add(wss && certificate != null ? line + shown(certificate, options) : line);
        }
        options.endpoints().keySet().stream()
                .sorted()
                .forEach(path -> addEcho(lines, server.listeners(), path));
        String chat = chat(server.listeners());
        if (chat != null) {
            lines.add(line("chat", chat));
        }
        lines.add(line("messages", messages(options.data())));
        lines.add(READY);
        return lines;
    }

    /// The endpoints of a server that is served by itself send back what they get.
    private static void addEcho(List<String> lines, List<Listener> listeners, String path) {
        for (Listener listener : listeners) {
            String url = listener.url();
            if (url.endsWith(WEB_SOCKET_PATH)) {
                String base = url.substring(0, url.length() - WEB_SOCKET_PATH.length());
                lines.add(line("echo", base + path));
            }
        }
    }

    private static String messages(DataOptions data) {
        return data.durable()
                ? "kept in " + data.directory() + ": those to queues outlive this process"
                : "in memory: they end with this process; --data DIR keeps those to queues";
    }

    private static String line(String name, String url) {
        return String.format("%-9s %s", name, url);
    }

    private static String name(Listener listener) {
        return switch (listener.name()) {
            case "http" -> "ws";
            case "tls" -> "wss";
            default -> listener.name();
        };
    }

    private static String shown(ServerCertificate certificate, ServerOptions options) {
        return "  certificate SHA-256 "
                + certificate.fingerprint()
                + (certificate.development()
                        ? " (for development, kept in " + options.data().directory() + ")"
                        : "");
    }

    /// Where to look first, with TLS if there is any; null when no listener has pages.
    private static @Nullable String chat(List<Listener> listeners) {
        String found = null;
        for (Listener listener : listeners) {
            boolean tls = listener.name().equals("tls");
            if (tls || (listener.name().equals("http") && found == null)) {
                found = (tls ? "https://" : "http://") + host(listener) + "/examples/chat/";
            }
        }
        return found;
    }

    private static String host(Listener listener) {
        InetAddress address = listener.address().getAddress();
        return address.isLoopbackAddress() || address.isAnyLocalAddress()
                ? "localhost:" + listener.address().getPort()
                : Addresses.text(listener.address());
    }
}
