package io.switchboard.server.app;

import io.switchboard.broker.Application;
import io.switchboard.broker.Denial;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Message;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.Session;
import io.switchboard.server.auth.AuditLog;
import io.switchboard.stomp.StompLimits;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The program that embeds the server, as the broker sees it. Called on the shards' threads; what
/// the program does itself is done on virtual threads, in a line for each client.
public final class Program implements Application {
    private static final Logger LOG = LoggerFactory.getLogger(Program.class);

    /// Clients that have gone of which the listeners have not heard the end.
    private static final int BEHIND_MAX = 100_000;

    private final App app;
    private final int behindMax;
    private final AtomicInteger behind = new AtomicInteger();
    private final ProgramPublisher publisher;
    private final SessionLines<Session> lines = new SessionLines<>();

    /// @param limits of what it publishes
    public Program(App app, StompLimits limits) {
        this(app, limits, BEHIND_MAX);
    }

    Program(App app, StompLimits limits, int behindMax) {
        this.app = app;
        this.behindMax = behindMax;
        publisher = new ProgramPublisher(limits);
    }

    /// Before the first client comes.
    public void start(Shards shards) {
        publisher.start(shards);
    }

    public Publisher publisher() {
        return publisher;
    }

    private static ClientSession client(Session session) {
        return new ClientSession(session.id(), session.user(), session.address());
    }

    // --- What the broker tells ---

    @Override
    public boolean handles(String destination) {
        return app.find(destination) != null;
    }

    @Override
    public void handle(Session from, Message message, Consumer<@Nullable Refusal> answer) {
        App.Match match = app.find(message.destination());
        if (match == null) {
            throw new IllegalStateException("nothing handles " + message.destination());
        }
        AppRequest request =
                new AppRequest(client(from), from, message, match.variables(), publisher);
        lines.add(from, () -> answer.accept(handled(match.handler(), request)));
    }

    @Override
    public @Nullable Refusal connected(Session session) {
        if (app.listeners().isEmpty()) {
            return null;
        }
        if (behind.get() >= behindMax) {
            return new Refusal(
                    Disconnect.APPLICATION_FAILED,
                    "expected the program's listeners to keep up with clients that come and go, but"
                            + " they are "
                            + behindMax
                            + " behind; come back later");
        }
        ClientSession client = client(session);
        lines.add(session, () -> tell(client, listener -> listener.connected(client, publisher)));
        return null;
    }

    @Override
    public void denied(Session session, Denial denial) {
        AuditLog.denied(session.id(), session.user(), session.address(), denial);
    }

    @Override
    public void subscriptionEnded(Session session, String id, Denial denial) {
        AuditLog.subscriptionEnded(session.id(), session.user(), session.address(), id, denial);
    }

    @Override
    public void ended(Session session, Disconnect reason) {
        if (!app.listeners().isEmpty()) {
            ClientSession client = client(session);
            behind.incrementAndGet();
            lines.add(
                    session,
                    () -> {
                        tell(client, listener -> listener.disconnected(client, reason, publisher));
                        behind.decrementAndGet();
                    });
        }
    }

    // --- The top of the virtual threads ---

    private interface Telling {
        void accept(SessionListener listener) throws Exception;
    }

    /// Null if it was handled.
    @SuppressWarnings("CatchAndPrintStackTrace")
    private static @Nullable Refusal handled(AppHandler handler, AppRequest request) {
        try {
            handler.handle(request);
            return null;
        } catch (Exception | Error e) {
            LOG.error(
                    "{} session {} the handler of {} failed",
                    request.client().address(),
                    request.sessionId(),
                    request.destination(),
                    e);
            return new Refusal(
                    Disconnect.APPLICATION_FAILED,
                    "the handler of "
                            + request.destination()
                            + " failed; the server's log says why");
        }
    }

    private void tell(ClientSession client, Telling telling) {
        for (SessionListener listener : app.listeners()) {
            try {
                telling.accept(listener);
            } catch (Exception | Error e) {
                LOG.error("{} session {} a listener failed", client.address(), client.id(), e);
            }
        }
    }

    // --- The end ---

    /// The clients have gone: what they asked for is finished, or interrupted after so long.
    public void finish(Duration patience) {
        lines.close(patience);
    }

    /// The shards have stopped: what was published and is not complete fails.
    public void close() {
        publisher.close();
    }
}
