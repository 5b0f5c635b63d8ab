package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Application;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Budget;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Shard;
import io.switchboard.gateway.GatewayOptions;
import io.switchboard.gateway.Identities;
import io.switchboard.gateway.Peer;
import io.switchboard.server.CompressionOptions;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.http.TrustedProxies;
import io.switchboard.websocket.Zlib;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A WebSocket whose socket takes bytes only when the test says so.
class UnwritableSocketTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final WebSocketHandler handler = handler();

    private WebSocketHandler handler() {
        List<ShardLoop> loops = new ArrayList<>();
        ShardLoop loop =
                new ShardLoop(
                        channel.eventLoop(),
                        loops,
                        new Zlib(1, 0),
                        Policies.DEFAULT,
                        1 << 20,
                        1 << 20);
        loops.add(loop);
        loop.start(
                new Shard(
                        0,
                        1,
                        new Shard.Ports(
                                loop,
                                PooledSlab.source(PooledByteBufAllocator.DEFAULT),
                                () -> 1,
                                AccessRules.localOnly(),
                                Journal.NONE,
                                Application.NONE,
                                new Budget(1 << 20),
                                new Budget(1 << 20),
                                new Budget(1 << 20),
                                new Budget(1 << 20)),
                        Policies.DEFAULT,
                        BrokerLimits.DEFAULT));
        return new WebSocketHandler(
                Terms.of(
                        ServerLimits.DEFAULT,
                        GatewayOptions.DEFAULT,
                        CompressionOptions.DEFAULT,
                        TrustedProxies.NONE,
                        null),
                loop,
                channel,
                "client",
                null,
                socket ->
                        new StompConversation(
                                socket,
                                loop.shard(),
                                WebSocketFraming.PLAIN,
                                new Peer("client", true, null),
                                Identities.believing(new Peer("client", true, null)),
                                GatewayOptions.DEFAULT,
                                "http",
                                System.nanoTime()));
    }

    private void writable(boolean writable) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
        channel.runPendingTasks();
    }

    private List<Integer> opcodes() {
        List<Integer> opcodes = new ArrayList<>();
        for (ByteBuf frame = channel.readOutbound();
                frame != null;
                frame = channel.readOutbound()) {
            opcodes.add(frame.getByte(0) & 0x0f);
            frame.release();
        }
        return opcodes;
    }

    /// RFC 6455 section 5.5.1.
    @Test
    void noErrorFollowsAClose() {
        channel.pipeline().addLast(handler);
        writable(false);
        byte[] nonsense = Client.frame(0x81, "NONSENSE\n\n\0".getBytes(UTF_8));
        channel.writeInbound(Unpooled.wrappedBuffer(nonsense));
        channel.runPendingTasks();
        assertThat(opcodes()).isEmpty();
        // As the session does when its client has not taken the ERROR in time.
        handler.end(
                Disconnect.MALFORMED_FRAME.closeCode(),
                Disconnect.MALFORMED_FRAME.text(),
                Disconnect.MALFORMED_FRAME);
        writable(true);
        assertThat(opcodes()).containsExactly(8);
    }
}
