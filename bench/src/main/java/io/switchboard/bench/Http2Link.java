package io.switchboard.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2FrameWriter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An HTTP/2 connection whose streams are WebSockets (RFC 8441): Netty reads and writes its frames,
/// but for DATA to the server, of which all that the streams say in a turn is gathered in one
/// buffer.
///
/// The server gets all the window there is, as each stream has only what it asked for on its way.
final class Http2Link extends ByteToMessageDecoder implements Crowd.Sender {
    private static final int OUT_CAPACITY = 16 * 1024;

    /// What no SETTINGS may forbid (RFC 9113 section 4.2).
    private static final int FRAME_LENGTH = 16_384;

    private static final int WINDOW_LENGTH = Integer.MAX_VALUE;

    private final Crowd crowd;
    private final List<Stream> streams = new ArrayList<>();
    private final Http2FrameReader reader = new DefaultHttp2FrameReader();
    private final Http2FrameWriter writer = new DefaultHttp2FrameWriter();
    private final Frames frames = new Frames();
    private @Nullable ChannelHandlerContext channel;
    private @Nullable ByteBuf out;

    /// The server's SETTINGS have come.
    private boolean settled;

    private long streamWindow = Http2CodecUtil.DEFAULT_WINDOW_SIZE;
    private long window = Http2CodecUtil.DEFAULT_WINDOW_SIZE;
    private long owed;
    private int left;

    Http2Link(Crowd crowd) {
        this.crowd = crowd;
    }

    /// Opens a WebSocket, now or as soon as the server says that it may.
    void open(LoadConnection connection) {
        Stream stream = new Stream(2 * streams.size() + 1, connection);
        streams.add(stream);
        if (settled) {
            stream.connect();
        }
    }

    private @Nullable Stream stream(int id) {
        int place = id / 2;
        return (id & 1) == 1 && place < streams.size() ? streams.get(place) : null;
    }

    private void failed(String reason) {
        for (Stream each : streams) {
            each.connection.failed(reason);
        }
    }

    // --- From the socket ---

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent done) {
            String agreed = context.pipeline().get(SslHandler.class).applicationProtocol();
            if (!done.isSuccess()) {
                failed("TLS handshake: " + done.cause().getMessage());
            } else if (ApplicationProtocolNames.HTTP_2.equals(agreed)) {
                begin(context);
            } else {
                failed("the server does not offer HTTP/2");
            }
        }
        super.userEventTriggered(context, event);
    }

    private void begin(ChannelHandlerContext context) {
        context.write(Http2CodecUtil.connectionPrefaceBuf());
        Http2Settings settings =
                new Http2Settings().pushEnabled(false).initialWindowSize(WINDOW_LENGTH);
        writer.writeSettings(context, settings, context.newPromise());
        int more = WINDOW_LENGTH - Http2CodecUtil.DEFAULT_WINDOW_SIZE;
        writer.writeWindowUpdate(context, 0, more, context.newPromise());
        context.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        crowd.arrived();
        super.channelRead(context, message);
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> none)
            throws Http2Exception {
        reader.readFrame(context, in, frames);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        failed("the server ended the connection");
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failed(cause.toString());
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        reader.close();
        writer.close();
    }

    /// What a server says.
    private final class Frames extends Http2FrameAdapter {
        @Override
        public int onDataRead(
                ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean end) {
            int length = data.readableBytes() + padding;
            Stream stream = stream(id);
            if (stream != null) {
                ByteBuffer bytes = data.nioBuffer();
                stream.connection.receive(bytes, bytes.position(), bytes.limit());
                stream.owed = giveBack(context, id, stream.owed + length);
                if (end) {
                    stream.connection.failed("the server ended the stream");
                }
            }
            owed = giveBack(context, 0, owed + length);
            return length;
        }

        /// Long before the window is used up.
        private long giveBack(ChannelHandlerContext context, int id, long received) {
            if (received < WINDOW_LENGTH / 2) {
                return received;
            }
            writer.writeWindowUpdate(context, id, (int) received, context.newPromise());
            context.flush();
            return 0;
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext context,
                int id,
                Http2Headers head,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean end) {
            onHeadersRead(context, id, head, padding, end);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext context,
                int id,
                Http2Headers head,
                int padding,
                boolean end) {
            Stream stream = stream(id);
            if (stream == null) {
                return;
            }
            if ("200".contentEquals(head.status()) && !end) {
                stream.connection.opened(stream);
            } else {
                stream.connection.failed("the server refused the WebSocket: " + head.status());
            }
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings)
                throws Http2Exception {
            Long table = settings.headerTableSize();
            if (table != null) {
                writer.configuration().headersConfiguration().maxHeaderTableSize(table);
            }
            Integer initial = settings.initialWindowSize();
            if (initial != null) {
                long change = initial - streamWindow;
                streamWindow = initial;
                streams.forEach(each -> each.window += change);
            }
            writer.writeSettingsAck(context, context.newPromise());
            if (!settled) {
                settled = true;
                if (Boolean.TRUE.equals(settings.connectProtocolEnabled())) {
                    streams.forEach(Stream::connect);
                } else {
                    failed("the server does not offer WebSockets over HTTP/2");
                }
            }
            context.flush();
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext context, int id, int increment) {
            if (id == 0) {
                window += increment;
                streams.forEach(Stream::push);
            } else {
                Stream stream = stream(id);
                if (stream != null) {
                    stream.window += increment;
                    stream.push();
                }
            }
        }

        @Override
        public void onPingRead(ChannelHandlerContext context, long data) {
            writer.writePing(context, true, data, context.newPromise());
            context.flush();
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext context, int id, long error) {
            Stream stream = stream(id);
            if (stream != null) {
                stream.connection.failed("the server reset the stream: error " + error);
            }
        }

        @Override
        public void onGoAwayRead(
                ChannelHandlerContext context, int last, long error, ByteBuf detail) {
            failed("the server ended the HTTP/2 connection: error " + error);
        }
    }

    // --- To the socket ---

    @Override
    public void flush() {
        ByteBuf gathered = out;
        out = null;
        if (gathered == null || channel == null) {
            return;
        }
        channel.writeAndFlush(gathered, channel.voidPromise());
        if (!channel.channel().isWritable()) {
            failed("the server does not read what is published");
        }
    }

    private void put(int id, ByteBuf bytes, int length) {
        if (out == null) {
            out = crowd.allocator.directBuffer(OUT_CAPACITY);
            crowd.dirty(this);
        }
        out.ensureWritable(Http2CodecUtil.FRAME_HEADER_LENGTH + length);
        out.writeMedium(length).writeByte(Http2FrameTypes.DATA).writeByte(0).writeInt(id);
        out.writeBytes(bytes, length);
    }

    private final class Stream implements Wire {
        private final int id;
        private final LoadConnection connection;
        private long window = streamWindow;
        private long owed;

        /// For lack of window; null for nothing.
        private @Nullable ByteBuf waiting;

        private Stream(int id, LoadConnection connection) {
            this.id = id;
            this.connection = connection;
        }

        private void connect() {
            URI url = crowd.target.handshakeUrl();
            if (channel == null || url == null) {
                return;
            }
            Http2Headers head =
                    new DefaultHttp2Headers()
                            .method("CONNECT")
                            .scheme("https")
                            .authority(url.getAuthority())
                            .path(url.getRawPath());
            head.set(Http2Headers.PseudoHeaderName.PROTOCOL.value(), "websocket");
            head.set("sec-websocket-version", "13");
            writer.writeHeaders(channel, id, head, 0, false, channel.newPromise());
            channel.flush();
        }

        @Override
        public boolean send(ByteBuf bytes) {
            if (waiting == null) {
                waiting = bytes;
            } else {
                waiting.writeBytes(bytes);
                bytes.release();
            }
            push();
            return waiting == null || waiting.readableBytes() < Crowd.WAITING_MAX;
        }

        private void push() {
            if (waiting == null) {
                return;
            }
            long room = Math.min(window, Http2Link.this.window);
            while (room > 0 && waiting.isReadable()) {
                int length = (int) Math.min(Math.min(room, FRAME_LENGTH), waiting.readableBytes());
                put(id, waiting, length);
                window -= length;
                Http2Link.this.window -= length;
                room -= length;
            }
            if (!waiting.isReadable()) {
                waiting.release();
                waiting = null;
            }
        }

        /// The last one takes the connection with it.
        @Override
        public void close() {
            left++;
            if (left == streams.size() && channel != null) {
                flush();
                channel.close();
            }
        }
    }
}
