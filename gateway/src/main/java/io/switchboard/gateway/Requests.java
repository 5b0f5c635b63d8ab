package io.switchboard.gateway;

import io.switchboard.broker.AckMode;
import io.switchboard.broker.Command;
import io.switchboard.broker.Delivered;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Session;
import io.switchboard.broker.Settlement;
import io.switchboard.broker.Shard;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompVersion;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The frames of a connected client as commands for the broker. What cannot be one is a
/// [RefusedFrame]; a frame that takes two commands leaves the second to be asked for.
///
/// **Reply queues.** A SEND with `reply-to:/temp-queue/x` is passed on with the name under which
/// everybody can answer, and subscribes its sender to the answers if nothing of it is yet, as
/// RabbitMQ does: under the id `/temp-queue/x`. A SUBSCRIBE of the client's own to that queue takes
/// the place of this one.
///
/// Owned by its session.
final class Requests {
    private final Shard shard;
    private final Session session;
    private final Framing framing;
    private final StompVersion version;

    /// The ids of subscriptions that nobody asked for but a `reply-to`.
    private final Set<String> implicit = new HashSet<>(0);

    /// What waits for a command that was read before it.
    private @Nullable Command following;

    /// A new token that was read and not taken yet.
    private @Nullable TokenFrame token;

    /// The subscription that this command makes.
    private @Nullable String awaited;

    /// The destination of the last SEND and what it means: most clients send to the same one again.
    private String lastDestination = "";

    private String lastName = "";

    /// A SEND to [#TOKEN], which is between the client and the server.
    ///
    /// @param receipt that it asks for, or null
    record TokenFrame(String token, @Nullable String receipt) {}

    /// Where a new token is sent to, which is between the client and the server.
    static final String TOKEN = "/session/token";

    private static final int TOKEN_LENGTH_MAX = 16 << 10;

    Requests(Shard shard, Session session, Framing framing, StompVersion version) {
        this.shard = shard;
        this.session = session;
        this.framing = framing;
        this.version = version;
    }

    /// @param text whether the client is answered in text messages
    /// @param vouched whether the frame came in text messages, so that its body is UTF-8
    /// @return null where it is nothing for the broker but a [#takeToken]
    @Nullable Command read(StompFrame frame, boolean text, boolean vouched) {
        if (frame.command() != StompCommand.SEND) {
            for (String name : version.requiredHeaders(frame.command())) {
                required(frame, name);
            }
        }
        return switch (frame.command()) {
            case SEND -> send(frame, text, vouched);
            case SUBSCRIBE -> subscribe(frame, text);
            case UNSUBSCRIBE -> unsubscribe(frame);
            case ACK -> settle(frame, Settlement.ACCEPT);
            case NACK -> settle(frame, rejection(frame.headers()));
            case BEGIN -> new Command.Begin(session, transaction(frame), receipt(frame));
            case COMMIT -> new Command.Commit(session, transaction(frame), receipt(frame));
            case ABORT -> new Command.Abort(session, transaction(frame), receipt(frame));
            case DISCONNECT -> new Command.Leave(session, receipt(frame));
            case CONNECT, STOMP ->
                    throw new RefusedFrame(
                            Disconnect.WRONG_STATE, "expected one CONNECT but was a second");
            case CONNECTED, MESSAGE, RECEIPT, ERROR -> throw new AssertionError(frame);
        };
    }

    /// The token of the frame that was read last.
    TokenFrame takeToken() {
        TokenFrame taken = token;
        token = null;
        if (taken == null) {
            throw new IllegalStateException("a frame that is neither a command nor a token");
        }
        return taken;
    }

    /// Whether a frame was read of which a command is still to be done.
    boolean waiting() {
        return following != null;
    }

    /// What is to be done when the command that was read last has been taken; null for nothing.
    @Nullable Command takeFollowing() {
        Command taken = following;
        following = null;
        if (taken instanceof Command.Unsubscribe replaced) {
            implicit.remove(replaced.id());
        }
        return taken;
    }

    /// A subscription could not be made, so what was to follow it is not done.
    ///
    /// @return that, or null
    @Nullable Command refused(String subscription) {
        Command dropped = null;
        if (subscription.equals(awaited)) {
            dropped = following;
            following = null;
        }
        String name = session.temporaryName(subscription);
        if (name != null && !session.subscribedTo(name)) {
            implicit.remove(subscription);
        }
        return dropped;
    }

    static @Nullable String receipt(StompFrame frame) {
        return frame.command().opensSession() ? null : frame.headers().get("receipt");
    }

    /// That a frame names, for an ERROR about it.
    static @Nullable String subscription(StompFrame frame) {
        return switch (frame.command()) {
            case SUBSCRIBE, UNSUBSCRIBE -> frame.headers().get("id");
            case ACK, NACK -> frame.headers().get("subscription");
            case CONNECT, STOMP, SEND, BEGIN, COMMIT, ABORT, DISCONNECT -> null;
            case CONNECTED, MESSAGE, RECEIPT, ERROR -> null;
        };
    }

    private static String required(StompFrame frame, String name) {
        String value = frame.headers().get(name);
        if (value == null) {
            throw missing(name, frame.command());
        }
        return value;
    }

    private static RefusedFrame missing(String header, StompCommand command) {
        return new RefusedFrame(
                Disconnect.MISSING_HEADER, "expected the header " + header + " in " + command);
    }

    private static String transaction(StompFrame frame) {
        return required(frame, "transaction");
    }

    // --- SEND ---

    private @Nullable Command send(StompFrame frame, boolean text, boolean vouched) {
        SendFrame send = SendFrame.read(frame.headers());
        if (send.destination == null) {
            throw missing("destination", frame.command());
        }
        String name = nameOf(send.destination, send.type);
        if (name.equals(TOKEN)) {
            token = token(frame, send);
            return null;
        }
        Command.Subscribe subscription = answers(send, text);
        Command publish =
                new Command.Publish(
                        session,
                        send.message(name, frame, vouched, shard),
                        send.transaction,
                        send.receipt);
        if (subscription == null) {
            return publish;
        }
        following = publish;
        awaited = subscription.id();
        return subscription;
    }

    private static TokenFrame token(StompFrame frame, SendFrame send) {
        if (send.transaction != null) {
            throw new RefusedFrame(
                    Disconnect.UNSUPPORTED, "expected no transaction on a SEND to " + TOKEN);
        }
        int length = frame.body().remaining();
        if (length == 0 || length > TOKEN_LENGTH_MAX) {
            throw new RefusedFrame(
                    Disconnect.LOGIN_FAILED,
                    "expected a token of 1 to "
                            + TOKEN_LENGTH_MAX
                            + " bytes as the body but was "
                            + length
                            + " bytes");
        }
        String text = StandardCharsets.UTF_8.decode(frame.body().duplicate()).toString();
        return new TokenFrame(text.strip(), send.receipt);
    }

    private String nameOf(String destination, @Nullable HeaderValue type) {
        if (type != null) {
            return Destinations.read(new HeaderValue("destination", destination), type).name();
        }
        if (!destination.equals(lastDestination)) {
            lastName = Destinations.read(new HeaderValue("destination", destination), null).name();
            lastDestination = destination;
        }
        return lastName;
    }

    /// Makes a `reply-to` of the session's own into a name for everybody, and another broker's
    /// spelling into ours, which is what access rules are about.
    ///
    /// @return what subscribes the session to the answers; null if it is, or if they go elsewhere
    private Command.@Nullable Subscribe answers(SendFrame send, boolean text) {
        String own = send.replyTo();
        if (own == null) {
            return null;
        }
        String name = session.temporaryName(own);
        if (name == null) {
            String meant = Destinations.read(new HeaderValue("reply-to", own), null).name();
            if (!meant.equals(own)) {
                send.replyTo(meant);
            }
            return null;
        }
        if (name.equals(own)) {
            return null;
        }
        send.replyTo(name);
        if (session.subscribedTo(name)) {
            return null;
        }
        implicit.add(own);
        return new Command.Subscribe(
                session,
                own,
                own,
                new StompForm(framing, text, version, own, new Spelling(name, own)),
                SubscribeOptions.DEFAULT,
                null);
    }

    // --- SUBSCRIBE, UNSUBSCRIBE ---

    private Command subscribe(StompFrame frame, boolean text) {
        StompHeaders headers = frame.headers();
        String destination = required(frame, "destination");
        String type = headers.get("subscription-type");
        Destinations.Place place =
                Destinations.read(
                        new HeaderValue("destination", destination),
                        type == null ? null : new HeaderValue("subscription-type", type));
        SubscribeWishes wishes = new SubscribeWishes(place.queue());
        for (int i = 0; i < headers.size(); i++) {
            String name = headers.name(i);
            if (headers.indexOf(name) == i) {
                Dialect.read(new HeaderValue(name, headers.value(i)), wishes);
            }
        }
        String given = headers.get("id");
        String id = given == null ? nameless(destination) : given;
        String temporary = session.temporaryName(place.name());
        Spelling spelling =
                temporary == null ? place.spelling() : new Spelling(temporary, destination);
        Command subscribe =
                new Command.Subscribe(
                        session,
                        id,
                        place.name(),
                        new StompForm(framing, text, version, given, spelling),
                        wishes.options(ackMode(headers), given, session.clientId() != null),
                        receipt(frame));
        return implicit.contains(destination) ? replacing(destination, id, subscribe) : subscribe;
    }

    /// The new subscription comes first, so that the queue is never without one and lives on;
    /// unless both have the same id.
    private Command replacing(String old, String id, Command subscribe) {
        Command unsubscribe = new Command.Unsubscribe(session, old, null);
        awaited = id;
        if (old.equals(id)) {
            implicit.remove(old);
            following = subscribe;
            return unsubscribe;
        }
        following = unsubscribe;
        return subscribe;
    }

    private static AckMode ackMode(StompHeaders headers) {
        String ack = headers.get("ack");
        return switch (ack) {
            case null -> AckMode.AUTO;
            case "auto" -> AckMode.AUTO;
            case "client" -> AckMode.CLIENT;
            // STOMP 1.0 does not know it, but clients of that version send it to other brokers.
            case "client-individual" -> AckMode.CLIENT_INDIVIDUAL;
            default -> throw new HeaderValue("ack", ack).bad("auto, client or client-individual");
        };
    }

    /// A 1.0 subscription without id is known by its destination. No header value holds a NUL, so
    /// this is nobody's id.
    private static String nameless(String destination) {
        return '\0' + destination;
    }

    /// What an ERROR may call a subscription; null for one that has no id.
    static @Nullable String named(@Nullable String subscription) {
        return subscription == null || subscription.startsWith("\0") ? null : subscription;
    }

    private Command unsubscribe(StompFrame frame) {
        String id = frame.headers().get("id");
        String destination = frame.headers().get("destination");
        DurableWishes durable = DurableWishes.ofUnsubscribe(frame.headers());
        if (id == null && destination == null && !durable.namesOne()) {
            throw missing("id or destination", frame.command());
        }
        String key = id != null ? id : nameless(String.valueOf(destination));
        implicit.remove(key);
        boolean passing = !durable.namesOne() && session.subscribedInPassing(key);
        return new Command.Unsubscribe(
                session, key, passing ? null : durable.ended(id), receipt(frame));
    }

    // --- ACK, NACK ---

    /// Other headers than those of the version may be there: clients send them to be understood by
    /// every version.
    private Command settle(StompFrame frame, Settlement settlement) {
        StompHeaders headers = frame.headers();
        Delivered which =
                version.acksById()
                        ? Delivered.byAck(required(frame, "id"))
                        : Delivered.byMessage(
                                required(frame, "message-id"), headers.get("subscription"));
        return new Command.Settle(
                session, settlement, which, headers.get("transaction"), receipt(frame));
    }

    private static Settlement rejection(StompHeaders headers) {
        String requeue = headers.get("requeue");
        return requeue == null || new HeaderValue("requeue", requeue).flag()
                ? Settlement.REQUEUE
                : Settlement.REJECT;
    }
}
