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
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// One binary frame from a payload: a server's, unmasked, and a client's, masked. A server's header
/// goes into a buffer of its own in front of the payload, which stays where it is; Netty copies a
/// small payload behind it. A client's frame is one masked copy.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WebSocketEncodeBenchmark {
    @Param({"16", "128", "1024", "65536", "1048576"})
    int size;

    @Param({"server", "client"})
    String side;

    private boolean client;
    private ByteBuffer payload;
    private WebSocketConnection ours;
    private ByteBuf nettyPayload;
    private EmbeddedChannel netty;

    @Setup
    public void setUp() {
        byte[] bytes = FrameBytes.utf8(size, true);
        client = side.equals("client");
        payload = ByteBuffer.wrap(bytes);
        ours = WebSocketConnection.client(WebSocketLimits.DEFAULT, new SplittableRandom(1));
        nettyPayload = Unpooled.directBuffer(size).writeBytes(bytes);
        netty = new EmbeddedChannel(new WebSocket13FrameEncoder(client));
    }

    @Benchmark
    public int ours() {
        if (client) {
            return ours.binary(payload).remaining();
        }
        int length = payload.remaining();
        ByteBuffer header = ByteBuffer.allocate(FrameHeader.length(length));
        FrameHeader.put(header, Opcode.BINARY, true, length);
        ByteBuffer[] frame = {header.flip(), payload.duplicate()};
        return written(frame);
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private static int written(ByteBuffer[] buffers) {
        int length = 0;
        for (ByteBuffer buffer : buffers) {
            length += buffer.remaining();
        }
        return length;
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
