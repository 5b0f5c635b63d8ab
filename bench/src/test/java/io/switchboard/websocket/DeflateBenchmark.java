package io.switchboard.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtension;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One message deflated, and one inflated: a whole frame of ours beside Netty's extension, which
/// has the header read or written elsewhere. Both stand on the JDK's zlib. The messages differ from
/// one another, and are together longer than what can be referred back to, as what refers back to
/// an equal one costs nothing.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeflateBenchmark {
    private static final int COUNT = 1024;

    @Param({"128", "1024", "65536"})
    int size;

    @Param({"1", "6"})
    int level;

    /// Whether messages refer back to earlier ones.
    @Param({"false", "true"})
    boolean context;

    private Zlib zlib;
    private WebSocketConnection ours;
    private WebSocketConnection ourReader;
    private EmbeddedChannel netty;
    private EmbeddedChannel nettyReader;
    private ByteBuffer[] messages;
    private ByteBuf[] nettyMessages;
    private byte[][] frames;
    private ByteBuffer frame;
    private ByteBuf nettyFrame;
    private int next;

    @Setup
    public void setUp() {
        PermessageDeflate agreed =
                context ? PermessageDeflate.FULL_CONTEXT : PermessageDeflate.NO_CONTEXT;
        zlib = new Zlib(level, 0);
        ours = WebSocketConnection.server(WebSocketLimits.DEFAULT, agreed, zlib);
        ourReader =
                WebSocketConnection.client(
                        WebSocketLimits.DEFAULT, new SplittableRandom(1), agreed, zlib);
        netty = new EmbeddedChannel(extension().newExtensionEncoder());
        nettyReader = new EmbeddedChannel(extension().newExtensionDecoder());
        messages = new ByteBuffer[COUNT];
        nettyMessages = new ByteBuf[COUNT];
        frames = new byte[COUNT][];
        byte[][] plain = Records.messages(COUNT, size);
        WebSocketConnection writer =
                WebSocketConnection.server(
                        WebSocketLimits.DEFAULT, PermessageDeflate.NO_CONTEXT, zlib);
        int length = 0;
        for (int i = 0; i < COUNT; i++) {
            messages[i] = ByteBuffer.allocateDirect(size).put(plain[i]).flip();
            nettyMessages[i] = Unpooled.directBuffer(size).writeBytes(plain[i]);
            ByteBuffer framed = writer.binary(messages[i]);
            frames[i] = new byte[framed.remaining()];
            framed.get(frames[i]);
            length += frames[i].length;
        }
        System.out.printf("# %d bytes become %d at level %d%n", size, length / COUNT, level);
        frame = ByteBuffer.allocateDirect(size);
        nettyFrame = Unpooled.directBuffer(size);
    }

    private WebSocketExtension extension() {
        Map<String, String> parameters =
                context
                        ? Map.of()
                        : Map.of(
                                "server_no_context_takeover", "",
                                "client_no_context_takeover", "");
        return new PerMessageDeflateServerExtensionHandshaker(level, false, 15, true, true, 0)
                .handshakeExtension(new WebSocketExtensionData("permessage-deflate", parameters));
    }

    private int turn() {
        next = (next + 1) % COUNT;
        return next;
    }

    @Benchmark
    public ByteBuffer deflateOurs() {
        return ours.binary(messages[turn()]);
    }

    @Benchmark
    public int deflateNetty() {
        netty.writeOutbound(new BinaryWebSocketFrame(nettyMessages[turn()].retainedDuplicate()));
        WebSocketFrame compressed = netty.readOutbound();
        int length = compressed.content().readableBytes();
        compressed.release();
        return length;
    }

    @Benchmark
    public long inflateOurs() {
        byte[] bytes = frames[turn()];
        frame.clear().put(bytes).flip();
        ourReader.receive(frame, 0);
        long length = 0;
        WebSocketEvent event = ourReader.next();
        while (event instanceof WebSocketEvent.Payload payload) {
            length += payload.bytes().remaining();
            event = ourReader.next();
        }
        if (length != size) {
            throw new AssertionError(event);
        }
        return length;
    }

    @Benchmark
    public long inflateNetty() {
        byte[] bytes = frames[turn()];
        int header = bytes.length < 128 ? 2 : 4;
        nettyFrame.clear().writeBytes(bytes, header, bytes.length - header);
        nettyReader.writeInbound(new BinaryWebSocketFrame(true, 4, nettyFrame.retain()));
        WebSocketFrame plain = nettyReader.readInbound();
        int length = plain.content().readableBytes();
        plain.release();
        if (length != size) {
            throw new AssertionError(length);
        }
        return length;
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        zlib.close();
        netty.finishAndReleaseAll();
        nettyReader.finishAndReleaseAll();
    }
}
