package io.switchboard.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.switchboard.gateway.Peer;
import io.switchboard.server.auth.ClientNetwork;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Where the connections of one listener come in: counts them, and gives each the handlers of the
/// listener's protocol. Runs on the event loop that the connection belongs to from now on.
@ChannelHandler.Sharable
final class Entrance extends ChannelInitializer<Channel> {
    private final Door door;
    private final Terms terms;
    private final Places places;
    private final Handshakes handshakes;
    private final @Nullable ServerTls tls;

    /// By event loop; empty for the administrator's listener.
    private final Map<?, ShardLoop> shards;

    private final LongAdder accepted = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final LongAdder http2WebSockets = new LongAdder();
    private final ChannelFutureListener leave;

    Entrance(
            Door door,
            Terms terms,
            Places places,
            Handshakes handshakes,
            @Nullable ServerTls tls,
            Map<?, ShardLoop> shards) {
        this.door = door;
        this.terms = terms;
        this.places = places;
        this.handshakes = handshakes;
        this.tls = tls;
        this.shards = shards;
        leave =
                closed -> {
                    places.leave();
                    ended.increment();
                };
    }

    String name() {
        return door.name();
    }

    long accepted() {
        return accepted.sum();
    }

    long open() {
        return accepted.sum() - ended.sum();
    }

    long http2WebSockets() {
        return http2WebSockets.sum();
    }

    /// For a WebSocket that has no connection of its own.
    ///
    /// @return false if there are as many clients as there may be
    boolean takePlace(Channel stream) {
        if (!places.take()) {
            return false;
        }
        http2WebSockets.increment();
        stream.closeFuture().addListener(closed -> places.leave());
        return true;
    }

    @Override
    protected void initChannel(Channel channel) {
        long nowNanos = System.nanoTime();
        if (!places.take()) {
            refuse(channel);
            return;
        }
        accepted.increment();
        channel.closeFuture().addListener(leave);
        SocketAddress address = channel.remoteAddress();
        if (!(address instanceof InetSocketAddress socket)) {
            // It has gone already.
            channel.close();
            return;
        }
        // A trusted proxy's many connections are not one client's.
        boolean proxy = terms.proxies().trusts(socket.getAddress());
        if (!proxy && !terms.perAddress().take(network(socket), channel)) {
            refuse(channel);
            return;
        }
        Handshaking handshaking = Handshaking.of(handshakes, proxy ? null : socket.getAddress());
        if (handshaking == null) {
            refuse(channel);
            return;
        }
        channel.pipeline().addLast(handshaking);
        if (door.proxyProtocol() && proxy) {
            ProxyHeader.await(
                    channel,
                    terms.headTimeoutNanos(),
                    named -> {
                        if (named != null
                                && !(handshaking.count(named.getAddress())
                                        && terms.perAddress().take(network(named), channel))) {
                            refuse(channel);
                        } else {
                            InetSocketAddress client = named == null ? socket : named;
                            begin(channel, new Caller(client, false, door.name()), nowNanos);
                        }
                    });
        } else {
            boolean loopback = door.address().getAddress().isLoopbackAddress();
            begin(channel, new Caller(socket, loopback && !proxy, door.name()), nowNanos);
        }
    }

    private static String network(InetSocketAddress address) {
        return ClientNetwork.of(Addresses.text(address));
    }

    private void begin(Channel channel, Caller caller, long nowNanos) {
        ChannelPipeline pipeline = channel.pipeline();
        if (tls != null) {
            pipeline.addLast(
                    new PlainTextGuard(),
                    tls.handler(channel, terms),
                    new CertificateAudit(terms, caller));
        }
        switch (door.protocol()) {
            case Door.Web web -> {
                Site site = new Site(terms, web.pages(), web.check(), web.endpoints());
                if (tls != null && web.http2()) {
                    pipeline.addLast(
                            new Negotiation(http2 -> {
                                if (http2) {
                                    Http2Connection.begin(
                                            this, site, shard(channel), channel, caller, nowNanos);
                                } else {
                                    http1(site, channel, caller, nowNanos);
                                }
                            }));
                } else {
                    http1(site, channel, caller, nowNanos);
                }
            }
            case Door.Admin admin -> {
                Site site = new Site(terms, admin.pages(), null, Map.of());
                http(pipeline, new HttpHandler(site, null, channel, caller, nowNanos));
            }
            case Door.Stomp s -> {
                Peer peer = new Peer(caller.text(), caller.local(), null);
                pipeline.addLast(
                        new Handshaking.UntilFirstWrite(),
                        new TcpHandler(
                                terms,
                                shard(channel),
                                channel,
                                peer,
                                new BoundedIdentities(
                                        ChannelIdentities.of(
                                                terms.logins(), channel, peer, caller.listener()),
                                        terms,
                                        channel),
                                caller.listener(),
                                nowNanos));
            }
        }
    }

    private void http1(Site site, Channel channel, Caller caller, long acceptedNanos) {
        http(
                channel.pipeline(),
                new HttpHandler(site, shard(channel), channel, caller, acceptedNanos));
    }

    private void http(ChannelPipeline pipeline, HttpHandler handler) {
        pipeline.addLast(new StrictRequestDecoder(terms.httpHeadBytes()), handler);
    }

    private ShardLoop shard(Channel channel) {
        ShardLoop shard = shards.get(channel.eventLoop());
        if (shard == null) {
            throw new IllegalStateException(channel.eventLoop() + " is no shard's loop");
        }
        return shard;
    }

    /// There are no words for this in TLS, and none in STOMP before a CONNECT.
    private void refuse(Channel channel) {
        if (tls == null && !(door.protocol() instanceof Door.Stomp)) {
            NoPlace.tell(channel, places, terms.lingerNanos());
        } else {
            channel.close();
        }
    }
}
