package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Session;
import io.switchboard.broker.Shard;
import io.switchboard.broker.Slab;
import io.switchboard.gateway.Framing;
import io.switchboard.gateway.GatewayOptions;
import io.switchboard.gateway.Identities;
import io.switchboard.gateway.Peer;
import io.switchboard.gateway.StompSession;
import io.switchboard.gateway.Transport;
import io.switchboard.server.admin.SessionView;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// STOMP over one connection: what the socket tells goes to the session, and what the session asks
/// for to the socket. What a session has to say is not queued here but in the broker, which asks
/// [#writable] first.
final class StompConversation implements Conversation, Transport, Inspected {
    private final SocketHandler socket;
    private final Channel channel;
    private final StompSession session;
    private final String listener;
    private final long sinceNanos;

    /// Whether what is written is compressed on its way to the socket.
    private final boolean compressesLater;

    /// @param listener that the client came to
    /// @param sinceNanos when the connection, or the request that it comes from, began
    StompConversation(
            SocketHandler socket,
            Shard shard,
            Framing framing,
            Peer peer,
            Identities identities,
            GatewayOptions options,
            String listener,
            long sinceNanos) {
        this.socket = socket;
        this.listener = listener;
        this.sinceNanos = sinceNanos;
        channel = socket.channel;
        compressesLater = framing instanceof WebSocketFraming webSocket && webSocket.later;
        session = new StompSession(shard, this, framing, peer, identities, options, sinceNanos);
    }

    // --- What an administrator sees ---

    @Override
    public SocketHandler socket() {
        return socket;
    }

    @Override
    public String id() {
        return session.broker().id();
    }

    @Override
    public @Nullable String user() {
        return session.broker().user();
    }

    @Override
    public String address() {
        return socket.address;
    }

    @Override
    public boolean serving() {
        return session.open();
    }

    @Override
    public SessionView view(int subscribedMax) {
        Session own = session.broker();
        List<SessionView.Subscribed> subscribed = new ArrayList<>();
        own.eachSubscription(
                subscribedMax,
                (id, destination) -> subscribed.add(new SessionView.Subscribed(id, destination)));
        return new SessionView(
                id(),
                user(),
                address(),
                listener,
                null,
                own.shardIndex(),
                (System.nanoTime() - sinceNanos) / 1_000_000_000,
                own.bytesWaiting(),
                socket.intake.held(),
                socket.waiting(),
                own.subscriptionCount(),
                subscribed);
    }

    // --- What the socket tells ---

    @Override
    public void receive(ByteBuffer payload, boolean text, boolean last, long nowNanos) {
        session.receive(payload, text, nowNanos);
    }

    @Override
    public boolean parked() {
        return session.parked();
    }

    @Override
    public boolean congested() {
        return session.congested();
    }

    @Override
    public void socketWritable() {
        session.writable();
    }

    @Override
    public boolean inputEnded(long nowNanos) {
        return session.inputEnded(nowNanos);
    }

    @Override
    public void closed(Disconnect reason) {
        session.closed(reason);
    }

    @Override
    public void shutdown(long nowNanos) {
        session.shutdown(nowNanos);
    }

    @Override
    public void disconnect(Disconnect reason, String detail, long nowNanos) {
        session.disconnect(reason, detail, nowNanos);
    }

    @Override
    public int bytesHeld() {
        return session.bytesHeld();
    }

    @Override
    public long deadlineNanos() {
        return session.deadlineNanos();
    }

    @Override
    public void onDeadline(long nowNanos) {
        session.onDeadline(nowNanos);
    }

    @Override
    public String name() {
        return "session " + session.name();
    }

    // --- What the session asks for ---

    /// Not behind our Close, either: what still waits then has come too late (RFC 6455 section
    /// 5.5.1).
    @Override
    public boolean writable() {
        return socket.writable();
    }

    @Override
    public void write(Slab slab, int offset, int length) {
        ByteBuf bytes = ((PooledSlab) slab).retained(offset, length);
        channel.write(compressesLater ? socket.compressed(bytes) : bytes, channel.voidPromise());
    }

    @Override
    public void frameRead() {
        socket.intake.frame();
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public long heardNanos() {
        return socket.heardNanos();
    }

    @Override
    public void ping() {
        socket.ping();
    }

    @Override
    public void resume() {
        socket.resumeLater();
    }

    @Override
    public void ending(Disconnect reason, String detail) {
        socket.log(reason, detail);
        // The session has a new deadline, and takes nothing of what is held.
        socket.resumeLater();
    }

    @Override
    public void close(Disconnect reason) {
        socket.end(reason.closeCode(), reason.text(), reason);
    }
}
