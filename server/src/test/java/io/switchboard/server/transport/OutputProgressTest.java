package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class OutputProgressTest {
    private static final long STALL = 300;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final OutputProgress progress = new OutputProgress(channel, STALL);

    OutputProgressTest() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1_000, 2_000));
    }

    private void queue(int length) {
        channel.write(Unpooled.wrappedBuffer(new byte[length]), channel.voidPromise());
    }

    /// As a socket does that takes some.
    private void take(int length) {
        channel.unsafe().outboundBuffer().addFlush();
        channel.unsafe().outboundBuffer().removeBytes(length);
        channel.runPendingTasks();
    }

    @Test
    void aQueueThatTakesMoreNeverStalls() {
        queue(500);
        assertThat(progress.stalled(1_000_000)).isFalse();
        assertThat(progress.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aFullQueueOfWhichNothingLeavesStallsWhenTheTimeIsOver() {
        queue(10_000);
        progress.full(1_000);
        assertThat(progress.deadlineNanos()).isEqualTo(1_300);
        assertThat(progress.stalled(1_299)).isFalse();
        assertThat(progress.stalled(1_300)).isTrue();
    }

    @Test
    void whatLeavesHoweverLittleIsProgress() {
        queue(3_000);
        queue(3_000);
        queue(3_000);
        progress.full(1_000);
        take(3_000);
        assertThat(progress.stalled(1_300)).isFalse();
        assertThat(progress.deadlineNanos()).isEqualTo(1_600);
        assertThat(progress.stalled(1_600)).isTrue();
    }

    @Test
    void theTimeBeginsAnewWhenTheQueueWasWritableInBetween() {
        queue(10_000);
        progress.full(1_000);
        take(10_000);
        progress.writable();
        queue(20_000);
        progress.full(1_250);
        assertThat(progress.stalled(1_300)).isFalse();
        assertThat(progress.deadlineNanos()).isEqualTo(1_550);
    }
}
