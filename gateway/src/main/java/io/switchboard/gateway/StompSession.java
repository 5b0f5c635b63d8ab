package io.switchboard.gateway;

import io.switchboard.broker.AckMode;
import io.switchboard.broker.Command;
import io.switchboard.broker.Delivered;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Settlement;
import io.switchboard.broker.Shard;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.stomp.HeartBeat;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompFrame;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompVersion;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Station 4: one client's STOMP session, between its connection and the broker. It turns frames
/// into commands and the broker's answers into frames, and knows which frame may come when.
///
/// ```
/// state        CONNECT         other frames   DISCONNECT   violation, refusal   transport gone
/// NEW          CONNECTING      ENDED          ENDED        ENDED                CLOSED
/// CONNECTING   nothing is decoded while the access rules think                  CLOSED
/// CONNECTED    ENDED           CONNECTED      LEAVING      ENDED                CLOSED
/// LEAVING      ignored         ignored        ignored      ignored              CLOSED
/// ENDED        ignored         ignored        ignored      ignored              CLOSED
/// ```
///
/// LEAVING goes to ENDED when all that came before the DISCONNECT is complete; ENDED to CLOSED when
/// what was said last has been written, or at a deadline. The end of the client's input is a
/// DISCONNECT without a word.
///
/// Owned by its connection's shard. Bytes given to [#receive] are the caller's again when it
/// returns.
public final class StompSession {

    private enum State {
        NEW,
        CONNECTING,
        CONNECTED,
        LEAVING,
        ENDED,
        CLOSED
    }

    /// Promised heart-beats are sent this much earlier, since whether something was written is
    /// looked at only once per half period (the clock's own margin) and not at each write.
    private static final double HEART_BEAT_MARGIN = 2.0 / 3;

    private final Shard shard;
    private final Transport transport;
    private final Framing framing;
    private final Peer peer;
    private final GatewayOptions options;
    private final StompConnection stomp;
    private final Session session;

    private State state = State.NEW;
    private StompVersion version = StompVersion.V1_2;

    /// Until CONNECTED when it must have come; after the end of the input when all must be done;
    /// once ENDED when the transport is closed regardless.
    private long deadlineNanos;

    private boolean inputEnded;

    private long nowNanos;
    private Disconnect reason = Disconnect.NORMAL;

    /// How the client spoke last, and so how it is answered.
    private boolean text = true;

    /// Whether all bytes since the last frame's end came in text messages.
    private boolean frameIsText = true;

    /// Whether the time-out of an ended session has begun.
    private boolean lastWordsLeaving;

    private boolean decoding;

    /// Kept from CONNECT until the access rules have answered.
    private @Nullable StompHeaders connect;

    public StompSession(
            Shard shard,
            Transport transport,
            Framing framing,
            Peer peer,
            GatewayOptions options,
            long nowNanos) {
        this.shard = shard;
        this.transport = transport;
        this.framing = framing;
        this.peer = peer;
        this.options = options;
        this.nowNanos = nowNanos;
        stomp = StompConnection.server(options.limits());
        session = shard.open(new Answers(), transport);
        deadlineNanos = nowNanos + options.connectTimeoutNanos();
    }

    // --- What the transport tells ---

    /// Takes a piece of the client's stream of STOMP octets, wherever it was cut. All of it is used
    /// up; where the session became [#parked] in between, what it has not decoded is kept inside.
    ///
    /// @param fromText whether the piece came in a WebSocket text message, which has been checked
    ///   to be UTF-8
    public void receive(ByteBuffer payload, boolean fromText, long now) {
        nowNanos = now;
        if (state.compareTo(State.LEAVING) >= 0) {
            payload.position(payload.limit());
            return;
        }
        if (fromText != text && !onlyLineEnds(payload)) {
            speak(fromText);
        }
        frameIsText &= fromText;
        stomp.receive(payload, now);
        decode();
    }

    /// While true nothing may be received, so the transport does not read its socket.
    public boolean parked() {
        return state.compareTo(State.LEAVING) < 0 && session.parked();
    }

    /// Who this is in a log line: the session's id and, once it has said so, the user's name.
    public String name() {
        String user = session.user();
        return user == null ? session.id() : session.id() + " user " + user;
    }

    /// Whether it is not read because its client does not take what it asked for: then silence is
    /// the client's own.
    public boolean congested() {
        return session.congested();
    }

    /// The transport takes bytes again.
    public void writable() {
        session.writable();
    }

    /// The client has ended its direction. What it asked for is done and answered all the same;
    /// then the session ends by itself, at a deadline at the latest. To be said again whenever the
    /// session goes on after it was [#parked].
    ///
    /// @return false if there is nothing left to do
    public boolean inputEnded(long now) {
        nowNanos = now;
        boolean open = state != State.NEW && state.compareTo(State.ENDED) < 0;
        if (open && !inputEnded) {
            inputEnded = true;
            deadlineNanos = now + options.closeTimeoutNanos();
        }
        if (state == State.CONNECTED && !session.parked()) {
            reason = Disconnect.GONE;
            state = State.LEAVING;
            shard.handle(new Command.Leave(session, null));
        }
        return open || state == State.ENDED;
    }

    /// The transport has gone. Idempotent.
    public void closed() {
        closed(Disconnect.GONE);
    }

    /// The transport has gone, or hears no more, for a reason of its own. Idempotent: the first
    /// reason counts, also one that the session had itself.
    public void closed(Disconnect why) {
        state = State.CLOSED;
        shard.end(session, why);
        shard.close(session);
    }

    /// The server stops: the client is told and the connection ends, with what waits for it first.
    public void shutdown(long now) {
        nowNanos = now;
        end(Disconnect.SHUTDOWN, "", null, null);
    }

    /// When [#onDeadline] is due, or `Long.MAX_VALUE` for never. It may move with every call.
    public long deadlineNanos() {
        return switch (state) {
            case NEW, CONNECTING, ENDED -> deadlineNanos;
            case CONNECTED, LEAVING -> inputEnded ? deadlineNanos : stomp.deadlineNanos();
            case CLOSED -> Long.MAX_VALUE;
        };
    }

    public void onDeadline(long now) {
        nowNanos = now;
        long due = deadlineNanos();
        if (due == Long.MAX_VALUE || now - due < 0) {
            return;
        }
        switch (state) {
            case NEW, CONNECTING ->
                    end(
                            Disconnect.CONNECT_TIMEOUT,
                            "expected CONNECT within "
                                    + options.connectTimeoutNanos() / 1_000_000
                                    + " ms of the connection",
                            null,
                            null);
            case CONNECTED, LEAVING -> {
                if (inputEnded) {
                    end(Disconnect.GONE, "", null, null);
                } else {
                    heartBeat();
                }
            }
            case ENDED -> {
                if (lastWordsLeaving) {
                    // What has not left by now never does: nothing follows the transport's word.
                    shard.close(session);
                    transport.close(reason);
                } else {
                    lastWordsLeaving = true;
                    deadlineNanos = now + options.closeTimeoutNanos();
                }
            }
            case CLOSED -> {}
        }
    }

    private void heartBeat() {
        if (session.wroteSinceAsked()) {
            stomp.sent(nowNanos);
        }
        if (session.parked() || state == State.LEAVING) {
            // It is not read, or not listened to, so its silence says nothing.
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
                    end(
                            Disconnect.HEARTBEAT_MISSED,
                            "nothing came for " + nanos / 1_000_000 + " ms",
                            null,
                            null);
            case StompEvent.NothingDue n -> {}
            case StompEvent.FrameReceived e -> throw new AssertionError(e);
            case StompEvent.HeartbeatReceived e -> throw new AssertionError(e);
            case StompEvent.NeedBytes e -> throw new AssertionError(e);
            case StompEvent.Violation e -> throw new AssertionError(e);
        }
    }

    // --- Frames ---

    /// Decodes until nothing is left or something must be waited for. The broker's answers may come
    /// from within, so it is not entered twice.
    private void decode() {
        if (decoding) {
            return;
        }
        decoding = true;
        try {
            while (true) {
                if (parked()) {
                    stomp.keepUnread();
                    return;
                }
                switch (stomp.next()) {
                    case StompEvent.FrameReceived(StompFrame frame) -> {
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

    private void handle(StompFrame frame) {
        switch (state) {
            case NEW -> {
                if (frame.command().opensSession()) {
                    connect(frame.headers());
                } else {
                    refuse(
                            frame,
                            Disconnect.WRONG_STATE,
                            "expected CONNECT or STOMP as the first frame but was "
                                    + frame.command());
                }
            }
            case CONNECTED -> command(frame);
            case CONNECTING -> throw new AssertionError("decoded while connecting");
            case LEAVING, ENDED, CLOSED -> {}
        }
    }

    private void command(StompFrame frame) {
        if (frame.command() != StompCommand.SEND) {
            for (String name : version.requiredHeaders(frame.command())) {
                if (!frame.headers().contains(name)) {
                    missing(frame, name);
                    return;
                }
            }
        }
        switch (frame.command()) {
            case SEND -> send(frame);
            case SUBSCRIBE -> subscribe(frame);
            case UNSUBSCRIBE -> unsubscribe(frame);
            case DISCONNECT -> {
                state = State.LEAVING;
                shard.handle(new Command.Leave(session, receipt(frame)));
            }
            case CONNECT, STOMP ->
                    refuse(frame, Disconnect.WRONG_STATE, "expected one CONNECT but was a second");
            case ACK -> settle(frame, Settlement.ACCEPT);
            case NACK ->
                    settle(
                            frame,
                            "false".equals(frame.headers().get("requeue"))
                                    ? Settlement.REJECT
                                    : Settlement.REQUEUE);
            case BEGIN ->
                    shard.handle(new Command.Begin(session, transaction(frame), receipt(frame)));
            case COMMIT ->
                    shard.handle(new Command.Commit(session, transaction(frame), receipt(frame)));
            case ABORT ->
                    shard.handle(new Command.Abort(session, transaction(frame), receipt(frame)));
            case CONNECTED, MESSAGE, RECEIPT, ERROR -> throw new AssertionError(frame);
        }
    }

    private void connect(StompHeaders headers) {
        String accept = headers.get("accept-version");
        StompVersion negotiated = StompVersion.negotiate(accept).orElse(null);
        if (negotiated == null) {
            end(
                    Disconnect.NO_COMMON_VERSION,
                    "expected one of " + StompVersion.SUPPORTED + " but was " + accept,
                    null,
                    StompVersion.SUPPORTED);
            return;
        }
        StompVersion subprotocol = peer.subprotocol();
        if (subprotocol != null && accept != null && !accepts(accept, subprotocol)) {
            end(
                    Disconnect.NO_COMMON_VERSION,
                    "expected accept-version to hold the "
                            + subprotocol.text()
                            + " that the WebSocket handshake settled as "
                            + subprotocol.subprotocol()
                            + " but was "
                            + accept,
                    null,
                    StompVersion.SUPPORTED);
            return;
        }
        if (HeartBeat.parse(headers.get("heart-beat")) == null) {
            end(
                    Disconnect.BAD_HEADER,
                    "expected heart-beat to be two whole numbers of milliseconds with one comma but"
                            + " was "
                            + headers.get("heart-beat"),
                    null,
                    null);
            return;
        }
        version = negotiated;
        stomp.version(negotiated);
        connect = headers;
        state = State.CONNECTING;
        String login = headers.get("login");
        String name = login == null || login.isEmpty() ? null : login;
        shard.handle(
                new Command.Connect(session, new Principal(name, peer.local(), peer.address())));
    }

    private static boolean accepts(String acceptVersion, StompVersion version) {
        for (String offered : acceptVersion.split(",", -1)) {
            if (offered.strip().equals(version.text())) {
                return true;
            }
        }
        return false;
    }

    private void send(StompFrame frame) {
        SendFrame send = SendFrame.read(frame.headers());
        String destination = send.destination();
        if (destination == null) {
            missing(frame, "destination");
        } else {
            shard.handle(
                    new Command.Publish(
                            session,
                            send.message(destination, frame, frameIsText),
                            send.transaction(),
                            send.receipt()));
        }
    }

    private void subscribe(StompFrame frame) {
        StompHeaders headers = frame.headers();
        String destination = headers.get("destination");
        String ack = headers.get("ack");
        AckMode mode = ackMode(ack);
        if (mode == null) {
            refuse(
                    frame,
                    Disconnect.BAD_HEADER,
                    "expected ack to be auto, client or client-individual but was " + ack);
            return;
        }
        if (destination != null) {
            String id = headers.get("id");
            shard.handle(
                    new Command.Subscribe(
                            session,
                            id == null ? nameless(destination) : id,
                            destination,
                            new StompForm(framing, text, version, id),
                            SubscribeOptions.DEFAULT.withAck(mode),
                            receipt(frame)));
        }
    }

    /// Null for an unknown one.
    private static @Nullable AckMode ackMode(@Nullable String ack) {
        return switch (ack) {
            case null -> AckMode.AUTO;
            case "auto" -> AckMode.AUTO;
            case "client" -> AckMode.CLIENT;
            case "client-individual" -> AckMode.CLIENT_INDIVIDUAL;
            default -> null;
        };
    }

    private void settle(StompFrame frame, Settlement settlement) {
        StompHeaders headers = frame.headers();
        String id = headers.get("id");
        Delivered which =
                version == StompVersion.V1_2 && id != null
                        ? Delivered.byAck(id)
                        : Delivered.byMessage(
                                String.valueOf(headers.get("message-id")),
                                headers.get("subscription"));
        shard.handle(
                new Command.Settle(
                        session, settlement, which, headers.get("transaction"), receipt(frame)));
    }

    private static String transaction(StompFrame frame) {
        return String.valueOf(frame.headers().get("transaction"));
    }

    /// A 1.0 subscription without id is known by its destination. No header value holds a NUL, so
    /// this is nobody's id.
    private static String nameless(String destination) {
        return '\0' + destination;
    }

    private void unsubscribe(StompFrame frame) {
        String id = frame.headers().get("id");
        String destination = frame.headers().get("destination");
        if (id == null && destination == null) {
            missing(frame, "id or destination");
            return;
        }
        String key = id != null ? id : nameless(String.valueOf(destination));
        shard.handle(new Command.Unsubscribe(session, key, receipt(frame)));
    }

    // --- Errors and ends ---

    private void missing(StompFrame frame, String header) {
        refuse(
                frame,
                Disconnect.MISSING_HEADER,
                "expected the header " + header + " in " + frame.command());
    }

    private void refuse(StompFrame frame, Disconnect why, String detail) {
        end(why, detail, receipt(frame), null);
    }

    private static @Nullable String receipt(StompFrame frame) {
        return frame.command().opensSession() ? null : frame.headers().get("receipt");
    }

    private void violated(StompEvent.Violation violation) {
        if (state == State.LEAVING) {
            return;
        }
        Disconnect why =
                switch (violation.kind()) {
                    case MALFORMED -> Disconnect.MALFORMED_FRAME;
                    case HEADER_COUNT, HEADER_BYTES -> Disconnect.HEADERS_TOO_LARGE;
                    case BODY_LENGTH -> Disconnect.BODY_TOO_LARGE;
                    case BEFORE_CONNECTED -> Disconnect.TOO_MUCH_BEFORE_CONNECT;
                };
        end(
                why,
                LimitSetting.of(violation.kind()),
                violation.rule() + " but was " + violation.found(),
                violation.receipt(),
                null);
    }

    private void end(
            Disconnect why, String detail, @Nullable String receipt, @Nullable String versions) {
        end(why, LimitSetting.of(why), detail, receipt, versions);
    }

    /// The one path to the end: the broker stops serving the session, the client hears why, and the
    /// transport closes once that has left (STOMP 1.2, ERROR: the connection closes after it).
    private void end(
            Disconnect why,
            @Nullable LimitSetting setting,
            String detail,
            @Nullable String receipt,
            @Nullable String versions) {
        if (state.compareTo(State.ENDED) >= 0) {
            return;
        }
        state = State.ENDED;
        reason = why;
        // The broker ends sessions at any moment without saying what time it is: the time-out
        // begins at the first look at the clock, which is due at once.
        deadlineNanos = nowNanos;
        shard.end(session, why);
        String whole = setting == null ? detail : setting.behind(detail);
        if (why.error()) {
            frames().error(why.text(), whole, receipt, versions);
        }
        transport.ending(why, whole);
    }

    // --- Text or binary ---

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

    private ServerFrames frames() {
        return new ServerFrames(session, framing, text, version);
    }

    // --- What the broker answers ---

    private final class Answers implements SessionEvents {
        @Override
        public void connected() {
            StompHeaders headers = connect;
            connect = null;
            if (headers == null) {
                throw new IllegalStateException("connected without CONNECT");
            }
            HeartBeat own = new HeartBeat(options.heartBeatMillis(), options.heartBeatMillis());
            HeartBeat theirs = HeartBeat.parse(headers.get("heart-beat"));
            state = State.CONNECTED;
            if (theirs != null) {
                long outgoing = own.outgoingPeriodMillis(theirs) * 1_000_000L;
                long incoming = own.incomingPeriodMillis(theirs) * 1_000_000L;
                stomp.heartbeats((long) (outgoing * HEART_BEAT_MARGIN), incoming, nowNanos);
            }
            String login = headers.get("login");
            frames().connected(
                            session.id(),
                            options.server(),
                            own.text(),
                            login == null || login.isEmpty() ? null : login,
                            headers.get("request-id"));
        }

        @Override
        public void completed(String receipt) {
            frames().receipt(receipt);
        }

        @Override
        public void left(Command.Leave command) {
            String receipt = command.receipt();
            if (receipt != null) {
                frames().receipt(receipt);
            }
            end(reason, "", null, null);
        }

        @Override
        public void refused(
                Refusal refusal, @Nullable String receipt, @Nullable String subscription) {
            end(refusal.reason(), refusal.detail(), receipt, null);
        }

        @Override
        public void ended(Disconnect why, String detail) {
            end(why, detail, null, null);
        }

        @Override
        public void resumed() {
            decode();
            if (!parked()) {
                transport.resume();
            }
        }

        @Override
        public void drained() {
            transport.close(reason);
        }
    }
}
