package io.switchboard.server.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.Session;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A message that a client sent below `/app/`, and what can be done about it. From any thread, also
/// after the handler has returned.
public final class AppRequest implements Publisher {
    private static final String REPLY_TO = "reply-to";
    private static final String CORRELATION_ID = "correlation-id";

    private final ClientSession client;
    private final Session session;
    private final Message message;
    private final Map<String, String> variables;
    private final ProgramPublisher publisher;

    AppRequest(
            ClientSession client,
            Session session,
            Message message,
            Map<String, String> variables,
            ProgramPublisher publisher) {
        this.client = client;
        this.session = session;
        this.message = message;
        this.variables = variables;
        this.publisher = publisher;
    }

    // --- What came ---

    public String destination() {
        return message.destination();
    }

    /// What stood in the destination where the handler's pattern has `{name}`: as it stood there,
    /// not decoded in any way.
    ///
    /// @throws IllegalArgumentException if the pattern has no such variable
    public String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "expected one of the variables " + variables.keySet() + " but was " + name);
        }
        return value;
    }

    /// Null where the client sent none of that name.
    public @Nullable String header(String name) {
        return message.headers().get(name);
    }

    /// In their order.
    public Map<String, String> headers() {
        Headers from = message.headers();
        Map<String, String> headers = new LinkedHashMap<>();
        for (int i = 0; i < from.count(); i++) {
            headers.putIfAbsent(from.name(i), from.value(i));
        }
        return headers;
    }

    /// A copy.
    public byte[] body() {
        return message.body().clone();
    }

    /// The body as UTF-8.
    public String text() {
        return new String(message.body(), UTF_8);
    }

    // --- Who sent it ---

    public ClientSession client() {
        return client;
    }

    /// The name of the client's login, or null where it gave none.
    public @Nullable String user() {
        return client.user();
    }

    public String sessionId() {
        return client.id();
    }

    // --- What is done ---

    /// Whether the client said where it wants an answer.
    public boolean wantsReply() {
        return header(REPLY_TO) != null;
    }

    /// Answers the client, at the `reply-to` of its message and with its `correlation-id`. It names
    /// its own temporary queues and user destinations, or another destination that it may send to:
    /// for that its access rights are asked.
    ///
    /// @throws IllegalStateException if its message has no `reply-to`
    public CompletableFuture<Void> reply(Map<String, String> headers, byte[] body) {
        String to = header(REPLY_TO);
        if (to == null) {
            throw new IllegalStateException(
                    "the client wants no reply: its SEND to "
                            + destination()
                            + " has no "
                            + REPLY_TO
                            + " header");
        }
        String correlation = header(CORRELATION_ID);
        Map<String, String> all = new LinkedHashMap<>(headers);
        if (correlation != null) {
            all.putIfAbsent(CORRELATION_ID, correlation);
        }
        return publisher.answer(session, to, all, body);
    }

    /// As UTF-8, with a `content-type` that says so.
    public CompletableFuture<Void> reply(String text) {
        return reply(ProgramPublisher.TEXT, text.getBytes(UTF_8));
    }

    @Override
    public CompletableFuture<Void> publish(
            String destination, Map<String, String> headers, byte[] body, SendOptions options) {
        return publisher.publish(destination, headers, body, options);
    }
}
