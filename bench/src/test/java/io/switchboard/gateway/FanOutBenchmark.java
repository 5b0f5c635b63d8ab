package io.switchboard.gateway;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Application;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Budget;
import io.switchboard.broker.Command;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Loop;
import io.switchboard.broker.Message;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Post;
import io.switchboard.broker.Principal;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.Session;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Shard;
import io.switchboard.broker.Slab;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.broker.Wire;
import io.switchboard.stomp.StompVersion;
import io.switchboard.websocket.FrameHeader;
import io.switchboard.websocket.Opcode;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
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

    /// Counts what it is given, and keeps nothing.
    private static final class CountingWire implements Wire {
        long bytes;
        long flushes;

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void write(Slab slab, int offset, int length) {
            bytes += length;
        }

        @Override
        public void flush() {
            flushes++;
        }
    }

    private static final class NoEvents implements SessionEvents {
        @Override
        public void connected() {}

        @Override
        public void completed(String receipt) {}

        @Override
        public void left(Command.Leave command) {}

        @Override
        public void refused(Refusal refusal, String receipt, String subscription) {
            throw new AssertionError(refusal);
        }

        @Override
        public void ended(Disconnect reason, String detail) {
            throw new AssertionError(reason);
        }

        @Override
        public void resumed() {}

        @Override
        public void drained() {}
    }

    /// Slabs that go round, as those of a pool do.
    private static final class Slabs implements Slab.Source {
        private final ArrayDeque<Slab> free = new ArrayDeque<>();

        @Override
        public Slab allocate(int capacity) {
            Slab slab = free.poll();
            if (slab != null && slab.bytes().capacity() >= capacity) {
                slab.bytes().clear();
                return slab;
            }
            ByteBuffer memory = ByteBuffer.allocateDirect(capacity);
            return new Slab() {
                @Override
                public ByteBuffer bytes() {
                    return memory;
                }

                @Override
                public void release() {
                    free.add(this);
                }
            };
        }
    }

    private static final Framing WEB_SOCKET =
            new Framing() {
                @Override
                public int headerLength(int payloadLength) {
                    return FrameHeader.length(payloadLength);
                }

                @Override
                public void putHeader(
                        ByteBuffer out, boolean text, boolean compressed, int payloadLength) {
                    Opcode opcode = text ? Opcode.TEXT : Opcode.BINARY;
                    FrameHeader.put(out, opcode, true, payloadLength);
                }
            };

    private final CountingWire wire = new CountingWire();
    private Shard shard;
    private Session publisher;

    @Setup
    public void setUp() {
        Loop loop =
                new Loop() {
                    @Override
                    public void post(int to, Post post) {
                        shard.receive(post);
                    }

                    @Override
                    public void endTurnLater() {}

                    @Override
                    public long epochMillis() {
                        return 1;
                    }

                    @Override
                    public void wakeAt(long epochMillis) {}
                };
        shard =
                new Shard(
                        0,
                        1,
                        new Shard.Ports(
                                loop,
                                new Slabs(),
                                () -> 1,
                                AccessRules.localOnly(),
                                Journal.NONE,
                                Application.NONE,
                                new Budget(1 << 20),
                                new Budget(1 << 20)),
                        Policies.DEFAULT,
                        BrokerLimits.DEFAULT);
        publisher = connect();
        for (int i = 0; i < SESSIONS; i++) {
            StompForm form = new StompForm(WEB_SOCKET, true, StompVersion.V1_2, "0");
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
        Session session = shard.open(new NoEvents(), wire);
        Principal principal = new Principal(null, true, "127.0.0.1");
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
