package io.switchboard.gateway;

import io.switchboard.broker.AckMode;
import io.switchboard.broker.Command;
import io.switchboard.broker.Delivered;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Message;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Session;
import io.switchboard.broker.Settlement;
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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a message costs in a queue, without any socket: sent, handed to a consumer, encoded and
/// acknowledged by itself, 16 of 128 bytes a turn, while others wait behind it. The figure is for
/// one message; it must not grow with the length of the queue.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class QueueBenchmark {
    private static final int MESSAGES = 16;
    private static final String DESTINATION = "/queue/bench";

    /// Messages that wait all the time.
    @Param({"0", "1000", "900000"})
    public int waiting;

    private final BenchShard.CountingWire wire = new BenchShard.CountingWire();
    private final byte[] body = new byte[128];
    private Shard shard;
    private Session publisher;
    private Session consumer;
    private long tag;

    @Setup
    public void setUp() {
        shard = BenchShard.alone();
        publisher = connect();
        consumer = connect();
        StompForm form = new StompForm(BenchShard.WEB_SOCKET, true, StompVersion.V1_2, "0", null);
        SubscribeOptions options =
                SubscribeOptions.DEFAULT
                        .withAck(AckMode.CLIENT_INDIVIDUAL)
                        .withPrefetch(MESSAGES, 1 << 20);
        for (int i = 0; i < MESSAGES + waiting; i++) {
            send();
        }
        shard.handle(new Command.Subscribe(consumer, "0", DESTINATION, form, options, null));
        shard.endTurn();
        long before = wire.bytes;
        pass();
        if (wire.bytes - before < (long) MESSAGES * body.length) {
            throw new AssertionError("not everything was handed over");
        }
    }

    private Session connect() {
        Session session = shard.open(new BenchShard.NoEvents(), wire);
        Principal principal = Principal.of("bench", true, "127.0.0.1");
        shard.handle(new Command.Connect(session, principal));
        return session;
    }

    private void send() {
        Message message = Message.of(DESTINATION, Headers.NONE, body, true);
        shard.handle(new Command.Publish(publisher, message, null, null));
    }

    @Benchmark
    @OperationsPerInvocation(MESSAGES)
    public long pass() {
        for (int i = 0; i < MESSAGES; i++) {
            send();
        }
        for (int i = 0; i < MESSAGES; i++) {
            Delivered delivered = Delivered.byAck("1-" + ++tag);
            shard.handle(new Command.Settle(consumer, Settlement.ACCEPT, delivered, null, null));
        }
        shard.endTurn();
        return wire.bytes;
    }
}
