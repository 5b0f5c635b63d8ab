package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import java.lang.management.ManagementFactory;

/// What this process holds: the heap after a collection, and the memory outside of it that buffers
/// are made of.
record ServerMemory(long heapBytes, long directBytes) {

    static ServerMemory now() {
        System.gc();
        return new ServerMemory(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), direct());
    }

    /// What buffers hold: beside that the pool keeps what it once had, for the next ones.
    static long direct() {
        return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
    }

    /// Servers learn of the end of a socket in their own time, so it is looked at until it is so.
    ///
    /// @param more than this there was before
    void assertAtMost(long more) {
        await().atMost(Client.PATIENCE)
                .untilAsserted(() -> {
                    ServerMemory now = now();
                    assertThat(now.heapBytes - heapBytes).as("heap").isLessThan(more);
                    assertThat(now.directBytes - directBytes).as("direct").isLessThan(more);
                });
    }
}
