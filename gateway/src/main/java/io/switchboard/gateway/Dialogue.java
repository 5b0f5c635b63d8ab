package io.switchboard.gateway;

import io.switchboard.broker.Command;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Shard;
import io.switchboard.stomp.HeartBeat;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompVersion;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What a client and the broker say to each other through a [StompSession]: frames to commands, and
/// the broker's answers to frames. When it begins and ends is the session's.
///
/// Owned by its session.
final class Dialogue implements SessionEvents {
    /// Promised heart-beats are sent this much earlier, since whether something was written is
    /// looked at only once per half period (the clock's own margin) and not at each write.
    private static final double HEART_BEAT_MARGIN = 2.0 / 3;

    private final StompSession life;
    private final Shard shard;
    private final Session session;
    private final Transport transport;
    private final Framing framing;
    private final Peer peer;
    private final Identities identities;
    private final GatewayOptions options;
    private final StompConnection stomp;
    private StompVersion version = StompVersion.V1_2;

    /// How the client spoke last, and so how it is answered.
    private boolean text = true;

    /// Whether all bytes since the last frame's end came in text messages.
    private boolean frameIsText = true;

    private boolean decoding;

    /// From the CONNECT until it is known whose it is, and from a new token until that counts.
    private boolean identifying;

    /// While the port is being called: an answer that comes from within interrupts nothing.
    private boolean asking;

    /// What the CONNECT asked for; null before it, as is the following.
    private @Nullable Opening opening;

    private @Nullable Requests requests;

    Dialogue(
            StompSession life,
            Shard shard,
            Transport transport,
            Framing framing,
            Peer peer,
            Identities identities,
            GatewayOptions options) {
        this.life = life;
        this.shard = shard;
        this.transport = transport;
        this.framing = framing;
        this.peer = peer;
        this.identities = identities;
        this.options = options;
        stomp = StompConnection.server(options.limits());
        session = shard.open(this, transport);
    }

    Session session() {
        return session;
    }

    // --- Octets ---

    /// @param fromText whether the piece came in a WebSocket text message
    void receive(ByteBuffer payload, boolean fromText, long nowNanos) {
        if (fromText != text && !onlyLineEnds(payload)) {
            speak(fromText);
        }
        frameIsText &= fromText;
        stomp.receive(payload, nowNanos);
        decode();
    }

    /// Answers the client as it speaks (text or binary messages), from the next message on.
    private void speak(boolean inText) {
        text = inText;
        shard.reform(session, form -> form instanceof StompForm own ? own.withText(inText) : form);
    }

    private static boolean onlyLineEnds(ByteBuffer payload) {
        for (int i = payload.position(); i < payload.limit(); i++) {
            if (payload.get(i) != '\n' && payload.get(i) != '\r') {
                return false;
            }
        }
        return true;
    }

    long heartBeatDeadlineNanos() {
        return stomp.deadlineNanos();
    }

    /// @param listening false if it is not read, or not listened to, so that its silence says
    ///   nothing
    void heartBeat(boolean listening, long nowNanos) {
        if (session.wroteSinceAsked()) {
            stomp.sent(nowNanos);
        }
        if (!listening) {
            stomp.heard(nowNanos);
        }
        stomp.heard(transport.heardNanos());
        switch (stomp.onDeadline(nowNanos)) {
            case StompEvent.PeerOverdue o -> transport.ping();
            case StompEvent.HeartbeatDue() -> {
                frames().heartBeat();
                stomp.sent(nowNanos);
            }
            case StompEvent.PeerSilent(long nanos) ->
                    life.end(
                            Disconnect.HEARTBEAT_MISSED,
                            "nothing came for " + nanos / 1_000_000 + " ms",
                            null);
            case StompEvent.NothingDue n -> {}
            case StompEvent.FrameReceived e -> throw new AssertionError(e);
            case StompEvent.HeartbeatReceived e -> throw new AssertionError(e);
            case StompEvent.NeedBytes e -> throw new AssertionError(e);
            case StompEvent.Violation e -> throw new AssertionError(e);
        }
    }

    /// Decodes until nothing is left or something must be waited for. The broker's answers may come
    /// from within, so it is not entered twice.
    private void decode() {
        if (decoding) {
            return;
        }
        decoding = true;
        try {
            while (true) {
                goOn();
                if (life.parked()) {
                    stomp.keepUnread();
                    return;
                }
                switch (stomp.next()) {
                    case StompEvent.FrameReceived(StompFrame frame) -> {
                        transport.frameRead();
                        handle(frame);
                        frameIsText = text;
                    }
                    case StompEvent.HeartbeatReceived h -> {}
                    case StompEvent.Violation violation -> violated(violation);
                    case StompEvent.NeedBytes n -> {
                        return;
                    }
                    case StompEvent.HeartbeatDue e -> throw new AssertionError(e);
                    case StompEvent.PeerOverdue e -> throw new AssertionError(e);
                    case StompEvent.PeerSilent e -> throw new AssertionError(e);
                    case StompEvent.NothingDue e -> throw new AssertionError(e);
                }
            }
        } finally {
            decoding = false;
        }
    }

    // --- Frames ---

    private void handle(StompFrame frame) {
        switch (life.state()) {
            case NEW -> {
                if (frame.command().opensSession()) {
                    connect(frame.headers());
                } else {
                    life.end(
                            Disconnect.WRONG_STATE,
                            "expected CONNECT or STOMP as the first frame but was "
                                    + frame.command(),
                            Requests.receipt(frame));
                }
            }
            case CONNECTED -> command(frame);
            case CONNECTING -> throw new AssertionError("decoded while connecting");
            case LEAVING, ENDED, CLOSED -> {}
        }
    }

    private void connect(StompHeaders headers) {
        Opening asked;
        try {
            asked = Opening.read(headers, peer.subprotocol());
        } catch (RefusedFrame refused) {
            life.end(refused.reason(), refused.detail(), null);
            return;
        }
        opening = asked;
        version = asked.version();
        stomp.version(version);
        requests = new Requests(shard, session, framing, version);
        life.connecting();
        identifying = true;
        asking = true;
        identities.identify(Opening.login(session.id(), headers), this::identified);
        asking = false;
    }

    private void identified(Identities.Answer answer) {
        if (!identifying) {
            return;
        }
        identifying = false;
        switch (answer) {
            case Identities.Answer.Known known ->
                    shard.handle(
                            new Command.Connect(
                                    session,
                                    known.principal(),
                                    opening == null ? null : opening.clientId()));
            case Identities.Answer.Refused(Disconnect why, String detail) ->
                    life.end(why, detail, null);
        }
        if (!asking && !life.parked() && life.state() == StompSession.State.CONNECTED) {
            resumed();
        }
    }

    int bytesHeld() {
        return stomp.bytesHeld();
    }

    /// Nothing further is decoded meanwhile, so that what follows the token is judged by it.
    private void renew(Requests.TokenFrame frame) {
        Principal principal = session.principal();
        if (principal == null) {
            throw new IllegalStateException("a token before CONNECT");
        }
        identifying = true;
        asking = true;
        identities.renew(
                new Identities.Renewal(session.id(), principal, frame.token()),
                answer -> renewed(answer, frame.receipt()));
        asking = false;
    }

    private void renewed(Identities.Answer answer, @Nullable String receipt) {
        if (!identifying) {
            return;
        }
        identifying = false;
        switch (answer) {
            case Identities.Answer.Known known -> {
                shard.renew(session, known.principal());
                if (receipt != null) {
                    frames().receipt(receipt);
                }
            }
            case Identities.Answer.Refused(Disconnect why, String detail) ->
                    refuse(new Refusal(why, detail), receipt, null);
        }
        if (!asking && !life.parked() && life.state() == StompSession.State.CONNECTED) {
            resumed();
        }
    }

    /// The session is at its end, whoever it is.
    void forget() {
        stomp.forget();
        if (identifying) {
            identifying = false;
            identities.gone();
        }
    }

    private void command(StompFrame frame) {
        Requests reader = requests;
        if (reader == null) {
            throw new IllegalStateException("connected without CONNECT");
        }
        @Nullable Command command;
        try {
            command = reader.read(frame, text, frameIsText);
        } catch (RefusedFrame refused) {
            refuse(
                    new Refusal(refused.reason(), refused.detail()),
                    Requests.receipt(frame),
                    Requests.subscription(frame));
            return;
        }
        if (command == null) {
            renew(reader.takeToken());
            return;
        }
        if (command instanceof Command.Leave) {
            life.leaving();
        }
        shard.handle(command);
    }

    /// Whether a frame has been read and not all of it is done.
    boolean waiting() {
        return identifying || requests != null && requests.waiting();
    }

    /// Does the second command of a frame that takes two, as soon as the first does not wait.
    private void goOn() {
        if (requests != null && life.state() == StompSession.State.CONNECTED && !session.parked()) {
            Command following = requests.takeFollowing();
            if (following != null) {
                shard.handle(following);
            }
        }
    }

    /// A frame has no effect. That ends the session, unless its client asked for soft errors: then
    /// it hears which frame it was, and everything else goes on.
    private void refuse(Refusal why, @Nullable String receipt, @Nullable String subscription) {
        if (life.serving() && opening != null && opening.softErrors()) {
            LimitSetting setting = LimitSetting.of(why);
            String whole = setting == null ? why.detail() : setting.behind(why.detail());
            frames().error(why.reason(), whole, receipt, subscription);
        } else {
            life.end(why, receipt);
        }
    }

    /// The stream is broken, which no client survives.
    private void violated(StompEvent.Violation violation) {
        if (life.state() == StompSession.State.LEAVING) {
            return;
        }
        Disconnect why =
                switch (violation.kind()) {
                    case MALFORMED -> Disconnect.MALFORMED_FRAME;
                    case HEADER_COUNT, HEADER_BYTES -> Disconnect.HEADERS_TOO_LARGE;
                    case BODY_LENGTH -> Disconnect.BODY_TOO_LARGE;
                    case BEFORE_CONNECTED -> Disconnect.TOO_MUCH_BEFORE_CONNECT;
                };
        life.end(
                why,
                LimitSetting.of(violation.kind()),
                violation.rule() + " but was " + violation.found(),
                violation.receipt());
    }

    // --- What the broker answers ---

    ServerFrames frames() {
        return new ServerFrames(session, framing, text, version);
    }

    @Override
    public void connected() {
        Opening asked = opening;
        if (asked == null) {
            throw new IllegalStateException("connected without CONNECT");
        }
        HeartBeat own = new HeartBeat(options.heartBeatMillis(), options.heartBeatMillis());
        HeartBeat theirs = asked.heartBeat();
        long outgoing = own.outgoingPeriodMillis(theirs) * 1_000_000L;
        long incoming = own.incomingPeriodMillis(theirs) * 1_000_000L;
        stomp.heartbeats((long) (outgoing * HEART_BEAT_MARGIN), incoming, life.connected());
        frames().connected(options.server(), own.text(), asked);
    }

    @Override
    public void completed(String receipt) {
        frames().receipt(receipt);
    }

    @Override
    public void replayed(String receipt, boolean recovered) {
        frames().receipt(receipt, recovered);
    }

    @Override
    public void left(Command.Leave command) {
        String receipt = command.receipt();
        if (receipt != null) {
            frames().receipt(receipt);
        }
        life.left();
    }

    @Override
    public void refused(Refusal refusal, @Nullable String receipt, @Nullable String subscription) {
        Command dropped =
                requests == null || subscription == null ? null : requests.refused(subscription);
        refuse(
                refusal,
                receipt != null || dropped == null ? receipt : dropped.receipt(),
                Requests.named(subscription));
    }

    /// Only a client that lives on after an ERROR can be told by one.
    @Override
    public void subscriptionEnded(String subscription, Refusal refusal) {
        if (life.serving() && opening != null && opening.softErrors()) {
            frames().error(
                            refusal.reason(),
                            "the subscription has ended: " + refusal.detail(),
                            null,
                            Requests.named(subscription));
        }
    }

    @Override
    public void ended(Refusal why) {
        life.end(why, null);
    }

    @Override
    public void resumed() {
        decode();
        if (!life.parked()) {
            transport.resume();
        }
    }

    @Override
    public void drained() {
        life.drained();
    }
}
