package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.switchboard.websocket.WebSocketConnection;
import io.switchboard.websocket.WebSocketEvent;
import io.switchboard.websocket.WebSocketLimits;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientFrameTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 125, 126, 127, 230, 65_535, 65_536, 100_003})
    void aServerReadsWhatWasWritten(int length) {
        byte[] payload = Dialect.body(length);
        ByteBuf out = Unpooled.buffer(1);
        ClientFrame.write(out, ClientFrame.TEXT, payload, 0x9a7b_5c3d);
        WebSocketConnection server = WebSocketConnection.server(WebSocketLimits.DEFAULT);
        server.receive(ByteBuffer.wrap(out.array(), 0, out.writerIndex()), 0);
        ByteBuffer read = ByteBuffer.allocate(length);
        WebSocketEvent event = server.next();
        while (event instanceof WebSocketEvent.Payload(ByteBuffer bytes, boolean text, boolean _)) {
            assertThat(text).isTrue();
            read.put(bytes);
            event = server.next();
        }
        assertThat(event).isEqualTo(WebSocketEvent.NEED_BYTES);
        assertThat(read.array()).isEqualTo(payload);
    }
}
