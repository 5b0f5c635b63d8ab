package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

/// A socket that is always full does not keep the others of its loop waiting.
final class ReadTurnTest {
    @Test
    void aFullSocketIsReadOnlySoOftenBeforeTheOthers() {
        EmbeddedChannel channel = new EmbeddedChannel();
        RecvByteBufAllocator.Handle handle = Network.reading().newHandle();
        handle.reset(channel.config());
        int reads = 0;
        long bytes = 0;
        boolean more = true;
        while (more) {
            int length = handle.guess();
            handle.attemptedBytesRead(length);
            handle.lastBytesRead(length);
            handle.incMessagesRead(1);
            reads++;
            bytes += length;
            more = handle.continueReading();
        }
        handle.readComplete();
        channel.close();
        assertThat(reads).isEqualTo(Network.READS_PER_TURN);
        assertThat(bytes).isLessThanOrEqualTo(64 << 10);
    }
}
