package io.switchboard.server.transport;

import io.netty.channel.Channel;
import io.switchboard.gateway.Identities;
import io.switchboard.gateway.Peer;
import io.switchboard.server.auth.AuditLog;
import io.switchboard.server.auth.ClientNetwork;
import io.switchboard.server.endpoint.Endpoint;
import io.switchboard.server.http.BrokenCompression;
import io.switchboard.server.http.HttpAnswer;
import io.switchboard.server.http.HttpPages;
import io.switchboard.server.http.OriginAndHost;
import io.switchboard.server.http.TrustedProxies;
import io.switchboard.stomp.StompVersion;
import io.switchboard.websocket.HandshakeRequest;
import io.switchboard.websocket.PermessageDeflate;
import io.switchboard.websocket.ServerHandshake;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The HTTP part of a listener: decides what a request gets, whichever version of HTTP carried it.
/// One per listener, shared by its connections; immutable.
///
/// @param check null where no WebSockets are opened
/// @param endpoints the raw ones, by path
record Site(
        Terms terms,
        HttpService pages,
        @Nullable OriginAndHost check,
        Map<String, Endpoint> endpoints) {
    private static final List<String> SUBPROTOCOLS =
            List.of(
                    StompVersion.V1_2.subprotocol(),
                    StompVersion.V1_1.subprotocol(),
                    StompVersion.V1_0.subprotocol());

    /// What a request gets.
    sealed interface Verdict {
        /// No WebSocket was asked for; the answer may take a while.
        record Page(CompletionStage<HttpAnswer> coming) implements Verdict {}

        record Refusal(HttpAnswer answer) implements Verdict {}

        /// The handshake is good: the answer's head, and behind it frames.
        ///
        /// @param endpoint null for STOMP
        record Opening(
                Terms terms,
                Peer peer,
                String listener,
                HandshakeRequest request,
                ServerHandshake.Answer.Accepted answer,
                @Nullable Endpoint endpoint)
                implements Verdict {

            /// What reads the frames from then on.
            ///
            /// @param sinceNanos when the connection, or the request, began
            SocketHandler handler(ShardLoop loop, Channel channel, long sinceNanos) {
                return new WebSocketHandler(
                        terms,
                        loop,
                        channel,
                        peer.address(),
                        answer.deflate(),
                        socket -> conversation(socket, loop, sinceNanos));
            }

            /// Counts the WebSocket for the address that it comes from.
            ///
            /// @return false if that has too many
            boolean takePlace(Channel channel) {
                return terms.perAddress().take(ClientNetwork.of(peer.address()), channel);
            }

            private Conversation conversation(
                    SocketHandler socket, ShardLoop loop, long sinceNanos) {
                WebSocketFraming framing = framing(loop);
                Identities identities =
                        new BoundedIdentities(
                                ChannelIdentities.of(
                                        terms.logins(), socket.channel, peer, listener, request),
                                terms,
                                socket.channel);
                return endpoint == null
                        ? new StompConversation(
                                socket,
                                loop.shard(),
                                framing,
                                peer,
                                identities,
                                terms.gateway(),
                                listener,
                                sinceNanos)
                        : new EndpointConversation(
                                socket,
                                endpoint,
                                request,
                                peer,
                                identities,
                                framing,
                                answer.subprotocol(),
                                loop,
                                listener,
                                sinceNanos);
            }

            private WebSocketFraming framing(ShardLoop loop) {
                PermessageDeflate deflate = answer.deflate();
                if (deflate == null) {
                    return WebSocketFraming.PLAIN;
                }
                boolean shared = endpoint == null && deflate.serverContext() == 0;
                return shared ? loop.compressing : loop.compressingLater;
            }
        }
    }

    /// Which subprotocols a WebSocket may have there; the first that a client offers is chosen.
    List<String> subprotocols(String target) {
        Endpoint endpoint = endpoints.get(HttpPages.path(target));
        return endpoint == null ? SUBPROTOCOLS : endpoint.subprotocols();
    }

    /// What the server is willing to agree to about compression; null for nothing.
    @Nullable PermessageDeflate compression(HandshakeRequest request) {
        return BrokenCompression.in(request) ? null : terms.compression();
    }

    /// Called on an event loop, when the whole request has come.
    ///
    /// @param handshake what the protocol has to say to this request
    /// @param from where the request came from
    Verdict judge(HandshakeRequest request, ServerHandshake.Answer handshake, Caller from) {
        return switch (handshake) {
            case ServerHandshake.Answer.NotAnUpgrade n ->
                    new Verdict.Page(pages.answer(request, from.text()));
            case ServerHandshake.Answer.Refused refused ->
                    refusal(
                            Responses.refusal(
                                    refused.status(), refused.reason(), refused.headers()));
            case ServerHandshake.Answer.Accepted accepted -> open(request, accepted, from);
        };
    }

    private Verdict open(
            HandshakeRequest request, ServerHandshake.Answer.Accepted accepted, Caller from) {
        String path = HttpPages.path(request.target());
        Endpoint endpoint = endpoints.get(path);
        boolean known = endpoint != null || path.equals(HttpPages.WEB_SOCKET_PATH);
        if (check == null || !known) {
            return refusal(Responses.refusal(404, whereOpened(), List.of()));
        }
        TrustedProxies.Sender sender =
                terms.proxies().sender(from.address().getAddress(), from.text(), request);
        if (sender == null) {
            return refusal(
                    Responses.refusal(
                            400,
                            "Expected one address that the request was forwarded for.",
                            List.of()));
        }
        OriginAndHost.Refused refused = check.refuseHandshake(request, sender.scheme());
        if (refused != null) {
            AuditLog.requestRefused(
                    terms.auditLines(),
                    request,
                    from.listener(),
                    sender.address(),
                    refused.reason());
            return refusal(Responses.refusal(refused.status(), refused.reason(), List.of()));
        }
        String subprotocol = accepted.subprotocol();
        Peer peer =
                new Peer(
                        sender.address(),
                        from.local() && !OriginAndHost.forwarded(request),
                        subprotocol == null || endpoint != null
                                ? null
                                : StompVersion.ofSubprotocol(subprotocol));
        return new Verdict.Opening(terms, peer, from.listener(), request, accepted, endpoint);
    }

    private String whereOpened() {
        if (check == null) {
            return "No WebSockets are opened here.";
        }
        List<String> paths = new ArrayList<>(new TreeSet<>(endpoints.keySet()));
        paths.addFirst(HttpPages.WEB_SOCKET_PATH);
        return "WebSockets are opened at " + String.join(", ", paths) + ".";
    }

    private static Verdict refusal(HttpAnswer answer) {
        return new Verdict.Refusal(answer);
    }
}
