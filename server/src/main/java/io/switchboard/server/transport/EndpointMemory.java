package io.switchboard.server.transport;

import io.switchboard.broker.Shard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// What waits for the clients of programs' endpoints on one event loop, which shares a bound with
/// what waits for the loop's sessions (`limits.outbound-bytes`). Where it is used up nothing more
/// is taken until those for whom most waits have been ended.
///
/// The sum is for all threads; who is there, and who has to go, is the event loop's own.
final class EndpointMemory {
    /// Until it is looked at again, where the memory is full and nobody is left to be ended.
    private static final long RETRY_MILLIS = 10;

    private final ShardLoop loop;
    private final long bytesMax;
    private final AtomicLong bytes = new AtomicLong();

    /// Of those who have been ended and whose sockets have not given it back yet.
    private final AtomicLong leavingBytes = new AtomicLong();

    /// What the sessions had at the end of the last turn, for other threads.
    private volatile long sessionBytes;

    private final AtomicBoolean reliefAsked = new AtomicBoolean();

    /// Somebody was refused, and is to hear when there is room.
    private volatile boolean refused;

    private final Set<EndpointConversation> conversations = new LinkedHashSet<>();

    /// @param bytesMax of the loop, for what waits for sessions and for endpoints' clients
    EndpointMemory(ShardLoop loop, long bytesMax) {
        this.loop = loop;
        this.bytesMax = bytesMax;
    }

    // --- From any thread ---

    /// Whether something may be added: as long as the bound has not been passed, whatever it is, so
    /// that it is passed by one message for each thread at most. Else relief is on its way.
    boolean admits() {
        if (waiting() + sessionBytes <= bytesMax) {
            return true;
        }
        refused = true;
        if (reliefAsked.compareAndSet(false, true)) {
            try {
                loop.eventLoop().execute(this::relieve);
            } catch (RejectedExecutionException stopped) {
                ConnectionLog.LOG.debug("the server has stopped, and nothing more is taken");
            }
        }
        return false;
    }

    /// @param change of the bytes that wait
    void add(long change) {
        bytes.addAndGet(change);
    }

    /// @param change of the bytes of those who have been ended
    void addLeaving(long change) {
        leavingBytes.addAndGet(change);
    }

    /// Without what comes back by itself.
    long waiting() {
        return bytes.get() - leavingBytes.get();
    }

    // --- On the event loop ---

    void opened(EndpointConversation conversation) {
        conversations.add(conversation);
    }

    void closed(EndpointConversation conversation) {
        conversations.remove(conversation);
    }

    /// At the end of a turn of the shard.
    void turnEnded(Shard shard) {
        sessionBytes = shard.bytesWaiting();
    }

    /// Ends the slowest, of all kinds, if there is need.
    void relieve() {
        reliefAsked.set(false);
        Shard shard = loop.shard();
        shard.endSlowest();
        turnEnded(shard);
        if (!refused) {
            return;
        }
        if (waiting() + sessionBytes > bytesMax) {
            if (reliefAsked.compareAndSet(false, true)) {
                loop.eventLoop().schedule(this::relieve, RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
        } else {
            refused = false;
            loop.eventLoop().execute(this::tellOfRoom);
        }
    }

    private void tellOfRoom() {
        List.copyOf(conversations).forEach(EndpointConversation::socketWritable);
    }

    /// @param bytesMin who holds no more is spared
    void endSlowest(long bytesMin, long bytesToFree) {
        List<EndpointConversation> slowest = new ArrayList<>();
        for (EndpointConversation each : conversations) {
            if (each.bytesWaiting() > bytesMin) {
                slowest.add(each);
            }
        }
        slowest.sort(Comparator.comparingLong(EndpointConversation::bytesWaiting).reversed());
        long freed = 0;
        for (EndpointConversation each : slowest) {
            if (freed >= bytesToFree) {
                return;
            }
            long held = each.bytesWaiting();
            freed += held;
            each.endForMemory(
                    held
                            + " bytes were waiting for this client when the "
                            + bytesMax
                            + " bytes for all clients of its shard were taken; read faster;"
                            + " setting: limits.outbound-bytes");
        }
    }
}
