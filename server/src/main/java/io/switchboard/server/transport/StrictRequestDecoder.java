package io.switchboard.server.transport;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/// HTTP/1.1 requests, without the leniences from which two readers of one stream come to see
/// different requests (RFC 9112 section 11.2). What it refuses comes as a request with a failed
/// decoder result.
final class StrictRequestDecoder extends HttpRequestDecoder {
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
