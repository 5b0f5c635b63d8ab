package io.switchboard.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.WebSocket08FrameDecoder;
import java.nio.ByteBuffer;
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

/// Unmasking alone, in place, of a payload that is whole.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MaskBenchmark {
    @Param({"16", "128", "1024", "65536", "1048576"})
    int size;

    @Param({"heap", "direct"})
    String memory;

    private static final int KEY = 0x12345678;

    private ByteBuffer bytes;
    private ByteBuf nettyBytes;
    private WebSocket08FrameDecoder netty;

    @Setup
    public void setUp() {
        boolean heap = memory.equals("heap");
        bytes = heap ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
        nettyBytes = heap ? Unpooled.buffer(size, size) : Unpooled.directBuffer(size, size);
        nettyBytes.writerIndex(size);
        netty = NettyParts.decoder(KEY);
    }

    @Benchmark
    public int ours() {
        return Masking.apply(bytes, KEY);
    }

    @Benchmark
    public ByteBuf netty() throws Throwable {
        NettyParts.unmask(netty, nettyBytes);
        return nettyBytes;
    }
}
