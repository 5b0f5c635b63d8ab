package io.switchboard.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageCollectorTest {
    @Test
    void aMessageIsItsPiecesInOrderHoweverItIsCut() {
        Random random = new Random(11);
        MessageCollector collector = new MessageCollector(5_000);
        for (int round = 0; round < 200; round++) {
            byte[] message = new byte[random.nextInt(5_001)];
            random.nextBytes(message);
            int at = 0;
            while (at < message.length) {
                int length = Math.min(message.length - at, random.nextInt(700));
                assertThat(collector.add(ByteBuffer.wrap(message, at, length))).isTrue();
                at += length;
            }
            assertThat(collector.take(false).payload()).isEqualTo(ByteBuffer.wrap(message));
        }
    }

    @Test
    void aMessageMayHaveJustTheLimit() {
        MessageCollector collector = new MessageCollector(3);
        assertThat(collector.add(ByteBuffer.allocate(2))).isTrue();
        assertThat(collector.add(ByteBuffer.allocate(1))).isTrue();
        assertThat(collector.add(ByteBuffer.allocate(0))).isTrue();
        assertThat(collector.take(false).payload().remaining()).isEqualTo(3);
    }

    @Test
    void pastTheLimitItIsForgotten() {
        MessageCollector collector = new MessageCollector(3);
        assertThat(collector.add(ByteBuffer.allocate(2))).isTrue();
        assertThat(collector.add(ByteBuffer.allocate(2))).isFalse();
        assertThat(collector.add(ByteBuffer.wrap(new byte[] {'a', 'b', 'c'}))).isTrue();
        assertThat(collector.take(true).string()).isEqualTo("abc");
    }

    /// The buffer of a piece belongs to somebody else, who may use it again.
    @Test
    void piecesAreCopiedAndTheirPositionsStay() {
        ByteBuffer piece = ByteBuffer.wrap("hello".getBytes(UTF_8)).position(1);
        MessageCollector collector = new MessageCollector(10);
        assertThat(collector.add(piece)).isTrue();
        assertThat(piece.position()).isEqualTo(1);
        piece.put(1, (byte) 'x');
        assertThat(collector.take(true)).isEqualTo(WebSocketMessage.text("ello"));
    }
}
