package io.switchboard.gateway;

import io.switchboard.broker.Command;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Session;
import io.switchboard.broker.Shard;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.stomp.StompVersion;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a delivery costs in the broker, without any socket: one shard, 1,000 sessions that
/// subscribe to one topic over a WebSocket, 16 messages of 128 bytes a turn. The figure is for one
/// delivery of one message to one session.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FanOutBenchmark {
    private static final int SESSIONS = 1000;
    private static final int MESSAGES = 16;
    private static final String DESTINATION = "/topic/bench.0";

    private final BenchShard.CountingWire wire = new BenchShard.CountingWire();
    private Shard shard;
    private Session publisher;

    @Setup
    public void setUp() {
        shard = BenchShard.alone();
        publisher = connect();
        for (int i = 0; i < SESSIONS; i++) {
            StompForm form =
                    new StompForm(BenchShard.WEB_SOCKET, true, StompVersion.V1_2, "0", null);
            shard.handle(
                    new Command.Subscribe(
                            connect(), "0", DESTINATION, form, SubscribeOptions.DEFAULT, null));
        }
        shard.endTurn();
        long before = wire.bytes;
        fanOut();
        if (wire.bytes - before < (long) SESSIONS * MESSAGES * 128) {
            throw new AssertionError("not everybody got everything");
        }
    }

    private Session connect() {
        Session session = shard.open(new BenchShard.NoEvents(), wire);
        Principal principal = Principal.of(null, true, "127.0.0.1");
        shard.handle(new Command.Connect(session, principal));
        return session;
    }

    @Benchmark
    @OperationsPerInvocation(SESSIONS * MESSAGES)
    public long fanOut() {
        for (int i = 0; i < MESSAGES; i++) {
            Message message = Message.of(DESTINATION, Headers.of(), new byte[128], true);
            shard.handle(new Command.Publish(publisher, message, null, null));
        }
        shard.endTurn();
        return wire.bytes;
    }
}
