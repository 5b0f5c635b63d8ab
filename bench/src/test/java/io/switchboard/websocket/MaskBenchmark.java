package io.switchboard.websocket;

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

/// Masking alone, in place. Netty's is part of its decoder: see [WebSocketDecodeBenchmark].
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MaskBenchmark {
    @Param({"16", "128", "1024", "65536"})
    int size;

    @Param({"heap", "direct"})
    String memory;

    private ByteBuffer bytes;

    @Setup
    public void setUp() {
        bytes = memory.equals("heap") ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
    }

    @Benchmark
    public int mask() {
        return Masking.apply(bytes, 0x12345678);
    }
}
