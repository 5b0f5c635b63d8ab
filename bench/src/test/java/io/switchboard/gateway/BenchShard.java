package io.switchboard.gateway;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Application;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Budget;
import io.switchboard.broker.Command;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Loop;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Post;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.SessionEvents;
import io.switchboard.broker.Shard;
import io.switchboard.broker.Slab;
import io.switchboard.broker.Wire;
import io.switchboard.websocket.FrameHeader;
import io.switchboard.websocket.Opcode;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/// One shard without sockets, and what it needs of a world: for measuring what the broker costs.
final class BenchShard {
    private BenchShard() {}

    /// Counts what it is given, and keeps nothing.
    static final class CountingWire implements Wire {
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

    static final class NoEvents implements SessionEvents {
        @Override
        public void connected() {}

        @Override
        public void completed(String receipt) {}

        @Override
        public void replayed(String receipt, boolean recovered) {}

        @Override
        public void left(Command.Leave command) {}

        @Override
        public void refused(Refusal refusal, String receipt, String subscription) {
            throw new AssertionError(refusal);
        }

        @Override
        public void ended(Refusal why) {
            throw new AssertionError(why);
        }

        @Override
        public void resumed() {}

        @Override
        public void drained() {}
    }

    /// Slabs that go round, as those of a pool do.
    static final class Slabs implements Slab.Source {
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

    static final Framing WEB_SOCKET =
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

    static Shard alone() {
        Shard[] shard = new Shard[1];
        Loop loop =
                new Loop() {
                    @Override
                    public void post(int to, Post post) {
                        shard[0].receive(post);
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
        shard[0] =
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
                                new Budget(1L << 34),
                                new Budget(1 << 20),
                                new Budget(1 << 20),
                                new Budget(1 << 20)),
                        Policies.DEFAULT,
                        BrokerLimits.DEFAULT);
        return shard[0];
    }
}
