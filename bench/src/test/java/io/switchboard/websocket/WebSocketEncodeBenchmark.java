package io.switchboard.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameEncoder;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// One binary frame from a payload: a server's, unmasked, and a client's, masked. Ours makes one
/// buffer with a copy of the payload; Netty's too where it is small or masked, else two buffers.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WebSocketEncodeBenchmark {
    @Param({"16", "128", "1024", "65536"})
    int size;

    @Param({"server", "client"})
    String side;

    private ByteBuffer payload;
    private WebSocketConnection ours;
    private ByteBuf nettyPayload;
    private EmbeddedChannel netty;

    @Setup
    public void setUp() {
        byte[] bytes = FrameBytes.utf8(size, true);
        boolean client = side.equals("client");
        payload = ByteBuffer.wrap(bytes);
        ours =
                client
                        ? WebSocketConnection.client(
                                WebSocketLimits.DEFAULT, new SplittableRandom(1))
                        : WebSocketConnection.server(WebSocketLimits.DEFAULT);
        nettyPayload = Unpooled.directBuffer(size).writeBytes(bytes);
        netty = new EmbeddedChannel(new WebSocket13FrameEncoder(client));
    }

    @Benchmark
    public ByteBuffer ours() {
        return ours.binary(payload);
    }

    @Benchmark
    public int netty() {
        // A masking encoder may mask in place, which leaves the payload as it costs the same.
        netty.writeOutbound(new BinaryWebSocketFrame(nettyPayload.retainedDuplicate()));
        int length = 0;
        ByteBuf out = netty.readOutbound();
        while (out != null) {
            length += out.readableBytes();
            out.release();
            out = netty.readOutbound();
        }
        return length;
    }
}
