package io.switchboard.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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

/// Whether bytes are UTF-8.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Utf8Benchmark {
    @Param({"16", "128", "1024", "65536", "1048576"})
    int size;

    @Param({"ascii", "mixed"})
    String content;

    private ByteBuffer bytes;
    private ByteBuf nettyBytes;
    private Object netty;

    @Setup
    public void setUp() throws Throwable {
        byte[] text = FrameBytes.utf8(size, content.equals("ascii"));
        bytes = ByteBuffer.allocateDirect(size).put(0, text);
        nettyBytes = Unpooled.directBuffer(size).writeBytes(text);
        netty = NettyParts.validator();
        if (!ours()) {
            throw new AssertionError("the text is not UTF-8");
        }
    }

    @Benchmark
    public boolean ours() {
        return Utf8Validator.valid(bytes);
    }

    @Benchmark
    public ByteBuf netty() throws Throwable {
        NettyParts.validate(netty, nettyBytes);
        return nettyBytes;
    }
}
