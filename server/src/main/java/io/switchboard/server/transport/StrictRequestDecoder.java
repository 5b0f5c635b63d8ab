package io.switchboard.server.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/// HTTP/1.1 requests, without the leniences from which two readers of one stream come to see
/// different requests (RFC 9112 section 11.2). What it refuses comes as a request with a failed
/// decoder result.
final class StrictRequestDecoder extends HttpRequestDecoder {
    /// Nothing of a request has come; empty lines may stand before it.
    private boolean between = true;

    private boolean refused;

    /// Where the last word of the request line ended.
    private int wordEnd;

    StrictRequestDecoder(int headLengthMax) {
        super(
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(headLengthMax / 2)
                        .setMaxHeaderSize(headLengthMax)
                        .setInitialBufferSize(256)
                        .setStrictLineParsing(true)
                        .setAllowDuplicateContentLengths(false)
                        .setUseRfc9112TransferEncoding(true));
    }

    /// RFC 9112 section 2.2: what may stand before a request are line ends. Netty skips all spaces
    /// and control characters.
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out)
            throws Exception {
        if (between && !refused) {
            int start = bytes.forEachByte(each -> each == '\r' || each == '\n');
            between = start < 0;
            if (start >= 0 && bytes.getByte(start) <= ' ' && bytes.getByte(start) >= 0) {
                refused = true;
                HttpMessage message = createInvalidMessage();
                message.setDecoderResult(
                        DecoderResult.failure(
                                new IllegalArgumentException("no method where a request begins")));
                out.add(message);
            }
        }
        if (refused) {
            bytes.skipBytes(bytes.readableBytes());
            return;
        }
        super.decode(ctx, bytes, out);
        between |= !out.isEmpty() && out.getLast() instanceof LastHttpContent;
    }

    // RFC 9112 section 3: single spaces are between the words of a request line, where Netty takes
    // any number of spaces, tabs, carriage returns and the like.

    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
        wordEnd = start + length;
        return super.splitFirstWordInitialLine(line, start, length);
    }

    @Override
    protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
        expectOneSpace(line, start);
        wordEnd = start + length;
        return super.splitSecondWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
        expectOneSpace(line, start);
        return super.splitThirdWordInitialLine(line, start, length);
    }

    private void expectOneSpace(byte[] line, int start) {
        if (start != wordEnd + 1 || line[wordEnd] != ' ') {
            throw new IllegalArgumentException("a request line has single spaces");
        }
    }

    /// RFC 9112 section 2.3: the name in the version is upper case, which Netty would make of it.
    @Override
    protected HttpMessage createMessage(String[] initialLine) throws Exception {
        if (!initialLine[2].startsWith("HTTP/")) {
            throw new IllegalArgumentException("no version of HTTP");
        }
        return super.createMessage(initialLine);
    }

    /// RFC 9112 section 6.1: such a message ought to be handled as an error.
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Transfer-Encoding and Content-Length");
    }
}
