package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.switchboard.gateway.GatewayOptions;
import io.switchboard.server.CompressionOptions;
import io.switchboard.server.ServerLimits;
import io.switchboard.server.WebOptions;
import io.switchboard.server.http.HttpPages;
import io.switchboard.server.http.MachineNames;
import io.switchboard.server.http.OriginAndHost;
import io.switchboard.server.http.TrustedProxies;
import io.switchboard.server.transport.Site.Verdict;
import io.switchboard.websocket.HandshakeRequest;
import io.switchboard.websocket.ServerHandshake;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Whatever bytes come where a request or a PROXY header should be: no exception, and the same
/// decisions whole and in pieces. The ordinary build runs the committed inputs.
class HttpHeadFuzzTest {
    private static final int HEAD_LENGTH_MAX = 1_000;
    private static final String TOO_LONG = "too long";
    private static final Caller CALLER =
            new Caller(new InetSocketAddress(address("127.0.0.2"), 4711), false, "http");
    private static final Site SITE = site();

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static Site site() {
        OriginAndHost check =
                OriginAndHost.of(
                        false,
                        address("127.0.0.1"),
                        new MachineNames(Set.of(), Set.of()),
                        WebOptions.DEFAULT);
        HttpPages pages = new HttpPages(check, false, false, Set.of(), new ClassLoader(null) {});
        TrustedProxies proxies = TrustedProxies.of(List.of("127.0.0.2"));
        return new Site(
                Terms.of(
                        ServerLimits.DEFAULT,
                        GatewayOptions.DEFAULT,
                        CompressionOptions.DEFAULT,
                        proxies,
                        null),
                (request, address) -> CompletableFuture.completedStage(pages.answer(request)),
                check,
                Map.of());
    }

    @FuzzTest(maxDuration = "1m")
    void requestsAreJudged(byte[] bytes) {
        List<String> whole = judged(bytes, Math.max(1, bytes.length));
        assertSame(judged(bytes, 1), whole);
        assertSame(judged(bytes, 7), whole);
    }

    /// Up to a head that is too long for one of them: of a line that comes in pieces Netty counts
    /// the end too, so within a few bytes of the limit the two differ.
    private static void assertSame(List<String> pieces, List<String> whole) {
        int both = Math.min(pieces.indexOf(TOO_LONG), whole.indexOf(TOO_LONG));
        int one = Math.max(pieces.indexOf(TOO_LONG), whole.indexOf(TOO_LONG));
        int end = both >= 0 ? both : one >= 0 ? one : Integer.MAX_VALUE;
        assertThat(pieces.subList(0, Math.min(end, pieces.size())))
                .isEqualTo(whole.subList(0, Math.min(end, whole.size())));
    }

    /// What each request gets, up to the first that ends HTTP on the connection.
    private static List<String> judged(byte[] bytes, int piece) {
        List<String> verdicts = new ArrayList<>();
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(HEAD_LENGTH_MAX));
        HandshakeRequest request = null;
        boolean http = true;
        for (int at = 0; at < bytes.length && http; at += piece) {
            int length = Math.min(piece, bytes.length - at);
            channel.writeInbound(Unpooled.copiedBuffer(bytes, at, length));
            for (Object next = channel.readInbound(); next != null; next = channel.readInbound()) {
                DecoderResult result = ((HttpObject) next).decoderResult();
                if (http && !result.isSuccess()) {
                    verdicts.add(
                            result.cause() instanceof TooLongFrameException
                                    ? TOO_LONG
                                    : "malformed");
                    http = false;
                }
                if (http && next instanceof HttpRequest head) {
                    request = request(head);
                }
                if (http && next instanceof LastHttpContent && request != null) {
                    Verdict verdict = judge(request);
                    verdicts.add(text(verdict));
                    http = !(verdict instanceof Verdict.Opening);
                    request = null;
                }
                ReferenceCountUtil.release(next);
            }
        }
        channel.finishAndReleaseAll();
        return verdicts;
    }

    private static HandshakeRequest request(HttpRequest head) {
        return new HandshakeRequest(
                head.method().name(),
                head.protocolVersion().text(),
                head.uri(),
                head.headers().entries(),
                false);
    }

    private static Verdict judge(HandshakeRequest request) {
        ServerHandshake.Answer answer =
                ServerHandshake.answer(request, SITE.subprotocols(request.target()));
        Verdict verdict = SITE.judge(request, answer, CALLER);
        if (verdict instanceof Verdict.Opening opening) {
            assertThat(request.method()).isEqualTo("GET");
            assertThat(HttpPages.path(request.target())).isEqualTo(HttpPages.WEB_SOCKET_PATH);
            assertThat(request.headers())
                    .noneMatch(it -> it.getKey().equalsIgnoreCase("Transfer-Encoding"));
            assertThat(opening.peer().local()).isFalse();
            String head = Responses.head(101, opening.answer().headers()).toString(ISO_8859_1);
            assertThat(head.split("\r\n", -1)).hasSizeBetween(6, 7);
        }
        return verdict;
    }

    private static String text(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Page page -> {
                int status = page.coming().toCompletableFuture().join().status();
                assertThat(status).isIn(200, 308, 400, 403, 404, 405, 426);
                yield "page " + status;
            }
            case Verdict.Refusal refusal -> {
                assertThat(refusal.answer().status()).isIn(400, 403, 404, 405, 417, 426, 505);
                yield "refused " + refusal.answer().status();
            }
            case Verdict.Opening opening ->
                    "opened for " + opening.peer() + " " + opening.answer().headers();
        };
    }

    @FuzzTest(maxDuration = "1m")
    void proxyHeadersAreRead(byte[] bytes) {
        String whole = proxied(bytes, Math.max(1, bytes.length));
        assertThat(proxied(bytes, 1)).isEqualTo(whole);
        assertThat(proxied(bytes, 7)).isEqualTo(whole);
    }

    /// Whom the header names, or that the connection was closed, or that it is not whole.
    private static String proxied(byte[] bytes, int piece) {
        EmbeddedChannel channel = new EmbeddedChannel();
        List<@Nullable InetSocketAddress> named = new ArrayList<>();
        ProxyHeader.await(channel, Long.MAX_VALUE / 2, named::add);
        int behind = 0;
        for (int at = 0; at < bytes.length && channel.isOpen(); at += piece) {
            int length = Math.min(piece, bytes.length - at);
            channel.writeInbound(Unpooled.copiedBuffer(bytes, at, length));
        }
        for (Object next = channel.readInbound(); next != null; next = channel.readInbound()) {
            behind += ((ByteBuf) next).readableBytes();
            ReferenceCountUtil.release(next);
        }
        String outcome = named.isEmpty() ? "open: " + channel.isOpen() : named + " " + behind;
        channel.finishAndReleaseAll();
        return outcome;
    }
}
