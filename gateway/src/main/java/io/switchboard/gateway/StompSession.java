package io.switchboard.gateway;

import io.switchboard.broker.Command;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.Session;
import io.switchboard.broker.Shard;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Station 4: one client's STOMP session, between its connection and the broker. It turns frames
/// into commands and the broker's answers into frames, and knows which frame may come when.
///
/// ```
/// state        CONNECT         other frames   DISCONNECT   violation, refusal   transport gone
/// NEW          CONNECTING      ENDED          ENDED        ENDED                CLOSED
/// CONNECTING   nothing is decoded until it is known who it is and allowed       CLOSED
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

    enum State {
        NEW,
        CONNECTING,
        CONNECTED,
        LEAVING,
        ENDED,
        CLOSED
    }

    private final Shard shard;
    private final Transport transport;
    private final GatewayOptions options;
    private final Dialogue dialogue;
    private final Session session;

    private State state = State.NEW;

    /// Until CONNECTED when it must have come; after the end of the input when all must be done;
    /// once ENDED when the transport is closed regardless.
    private long deadlineNanos;

    private boolean inputEnded;

    private long nowNanos;
    private Disconnect reason = Disconnect.NORMAL;

    /// Whether the time-out of an ended session has begun.
    private boolean lastWordsLeaving;

    public StompSession(
            Shard shard,
            Transport transport,
            Framing framing,
            Peer peer,
            Identities identities,
            GatewayOptions options,
            long nowNanos) {
        this.shard = shard;
        this.transport = transport;
        this.options = options;
        this.nowNanos = nowNanos;
        dialogue = new Dialogue(this, shard, transport, framing, peer, identities, options);
        session = dialogue.session();
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
        dialogue.receive(payload, fromText, now);
    }

    /// While true nothing may be received, so the transport does not read its socket.
    public boolean parked() {
        return state.compareTo(State.LEAVING) < 0 && (session.parked() || dialogue.waiting());
    }

    /// Who this is in a log line: the session's id and, once it has said so, the user's name.
    public String name() {
        String user = session.user();
        return user == null ? session.id() : session.id() + " user " + user;
    }

    /// As the broker knows it.
    public Session broker() {
        return session;
    }

    /// Whether it has not ended yet.
    public boolean open() {
        return state.compareTo(State.ENDED) < 0;
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
        if (state == State.CONNECTED && !parked()) {
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
        dialogue.forget();
        shard.end(session, why);
        shard.close(session);
    }

    /// The server stops: the client is told and the connection ends, with what waits for it first.
    public void shutdown(long now) {
        nowNanos = now;
        end(Disconnect.SHUTDOWN, "", null);
    }

    /// The server ends the session for a reason of its own: the client is told, with what waits for
    /// it first.
    public void disconnect(Disconnect why, String detail, long now) {
        nowNanos = now;
        end(why, detail, null);
    }

    /// Memory of what has come of a frame that is not complete, and of what is not decoded.
    public int bytesHeld() {
        return dialogue.bytesHeld();
    }

    /// When [#onDeadline] is due, or `Long.MAX_VALUE` for never. It may move with every call.
    public long deadlineNanos() {
        return switch (state) {
            case NEW, CONNECTING, ENDED -> deadlineNanos;
            case CONNECTED, LEAVING ->
                    inputEnded ? deadlineNanos : dialogue.heartBeatDeadlineNanos();
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
                            null);
            case CONNECTED, LEAVING -> {
                if (inputEnded) {
                    end(Disconnect.GONE, "", null);
                } else {
                    boolean listening = !parked() && state != State.LEAVING;
                    dialogue.heartBeat(listening, now);
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

    // --- What the dialogue tells ---

    State state() {
        return state;
    }

    /// Whether a client that asked for soft errors may still be answered with one.
    boolean serving() {
        return state == State.CONNECTED || state == State.LEAVING;
    }

    void connecting() {
        state = State.CONNECTING;
    }

    /// @return the time
    long connected() {
        state = State.CONNECTED;
        return nowNanos;
    }

    void leaving() {
        state = State.LEAVING;
    }

    /// All that came before the DISCONNECT, or the end of the input, is complete.
    void left() {
        end(reason, "", null);
    }

    /// All that was to be said is with the wire.
    void drained() {
        transport.close(reason);
    }

    // --- The end ---

    void end(Disconnect why, String detail, @Nullable String receipt) {
        end(why, LimitSetting.of(why), detail, receipt);
    }

    void end(Refusal why, @Nullable String receipt) {
        end(why.reason(), LimitSetting.of(why), why.detail(), receipt);
    }

    /// The one path to the end: the broker stops serving the session, the client hears why, and the
    /// transport closes once that has left (STOMP 1.2, ERROR: the connection closes after it).
    void end(
            Disconnect why,
            @Nullable LimitSetting setting,
            String detail,
            @Nullable String receipt) {
        if (state.compareTo(State.ENDED) >= 0) {
            return;
        }
        state = State.ENDED;
        reason = why;
        dialogue.forget();
        // The broker ends sessions at any moment without saying what time it is: the time-out
        // begins at the first look at the clock, which is due at once.
        deadlineNanos = nowNanos;
        shard.end(session, why);
        String whole = setting == null ? detail : setting.behind(detail);
        if (why.error()) {
            dialogue.frames().error(why, whole, receipt, null);
        }
        transport.ending(why, whole);
    }
}
