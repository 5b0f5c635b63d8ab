package io.switchboard.stomp;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// A SEND of 128 bytes read by a server, destination included, and the MESSAGE that comes of it
/// written.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class StompBenchmark {
    private static final String DESTINATION = "/topic/bench.0";

    private final byte[] body = new byte[128];
    private final ByteBuffer out = ByteBuffer.allocateDirect(1024);
    private final StompConnection server = StompConnection.server(StompLimits.DEFAULT);
    private final StompEncoder encoder = StompEncoder.on(out, StompVersion.V1_2);
    private ByteBuffer send;

    @Setup
    public void setUp() {
        server.version(StompVersion.V1_2);
        StompFrame frame =
                new StompFrame(
                        StompCommand.SEND,
                        StompHeaders.of("destination", DESTINATION),
                        ByteBuffer.wrap(body));
        ByteBuffer encoded = StompEncoder.encode(frame, StompVersion.V1_2);
        send = ByteBuffer.allocateDirect(encoded.remaining()).put(encoded).flip();
    }

    @Benchmark
    public int decodeSend() {
        server.receive(send.rewind(), 0);
        int length = 0;
        StompEvent event = server.next();
        while (!(event instanceof StompEvent.NeedBytes)) {
            if (event instanceof StompEvent.FrameReceived(StompFrame frame)) {
                length += frame.headers().get("destination").length();
                length += frame.body().remaining();
            } else {
                throw new AssertionError(event);
            }
            event = server.next();
        }
        return length;
    }

    @Benchmark
    public int encodeMessage() {
        out.clear();
        encoder.into(out, StompVersion.V1_2)
                .command(StompCommand.MESSAGE)
                .header("subscription", "0")
                .header("message-id", "3d30ivoogag4w-123456")
                .header("destination", DESTINATION)
                .body(body);
        return out.position();
    }
}
