package io.switchboard.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// A server reads one masked frame out of a direct buffer: header, unmasking, and of text the check
/// that it is UTF-8. Ours beside Netty's, whose handlers run in an embedded channel, which is a
/// part of what they cost in a real one.
///
/// Both change the buffer, so the frame is copied into it each time, which is in both figures.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WebSocketDecodeBenchmark {
    @Param({"16", "128", "1024", "65536", "1048576"})
    int size;

    @Param({"binary", "ascii", "mixed"})
    String content;

    private byte[] frame;
    private ByteBuffer ourBuffer;
    private WebSocketConnection ours;
    private ByteBuf nettyBuffer;
    private EmbeddedChannel netty;

    @Setup
    public void setUp() {
        boolean text = !content.equals("binary");
        frame = FrameBytes.masked(text, FrameBytes.utf8(size, !content.equals("mixed")));
        ourBuffer = ByteBuffer.allocateDirect(frame.length);
        ours = WebSocketConnection.server(WebSocketLimits.DEFAULT);
        nettyBuffer = Unpooled.directBuffer(frame.length, frame.length);
        WebSocket13FrameDecoder decoder =
                new WebSocket13FrameDecoder(
                        WebSocketDecoderConfig.newBuilder()
                                .maxFramePayloadLength(1 << 20)
                                .withUTF8Validator(false)
                                .build());
        netty =
                text
                        ? new EmbeddedChannel(decoder, new Utf8FrameValidator())
                        : new EmbeddedChannel(decoder);
    }

    @Benchmark
    public long ours() {
        ourBuffer.clear();
        ourBuffer.put(0, frame);
        ours.receive(ourBuffer, 0);
        long length = 0;
        WebSocketEvent event = ours.next();
        while (!(event instanceof WebSocketEvent.NeedBytes)) {
            if (event instanceof WebSocketEvent.Payload payload) {
                length += payload.bytes().remaining();
            } else {
                throw new AssertionError(event);
            }
            event = ours.next();
        }
        return length;
    }

    @Benchmark
    public long netty() {
        nettyBuffer.clear().writeBytes(frame);
        netty.writeInbound(nettyBuffer.retain());
        WebSocketFrame read = netty.readInbound();
        long length = read.content().readableBytes();
        read.release();
        return length;
    }
}
