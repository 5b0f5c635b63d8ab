package io.switchboard.server.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.switchboard.broker.Disconnect;
import io.switchboard.gateway.Identities;
import io.switchboard.server.auth.AuditLines;
import io.switchboard.server.auth.AuditLog;
import io.switchboard.server.auth.Credentials;
import io.switchboard.server.auth.Logins;
import io.switchboard.server.http.HttpAnswer;
import io.switchboard.websocket.HandshakeRequest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Answers requests to `/sessions` and below: who is there, and who is to go. Each request proves
/// by itself whose it is, with a token or a name and password; a browser never sends these of its
/// own accord, and a request that a page makes is refused whatever it brings.
public final class SessionPages {
    public static final String PATH = "/sessions";

    private static final int LIMIT = 100;
    private static final int LIMIT_MAX = 1_000;
    private static final Set<String> PARAMETERS = Set.of("user", "address", "limit", "after");
    private static final String LISTENER = "admin";
    private static final String BASIC = "Basic ";

    private static final HttpAnswer NOT_FOUND = HttpAnswer.text(404, "there is no such session");
    private static final HttpAnswer UNAUTHORIZED =
            HttpAnswer.text(401, "administration needs a token, or a name and a password")
                    .with(List.of(Map.entry("WWW-Authenticate", "Bearer")));
    private static final HttpAnswer UNAVAILABLE =
            HttpAnswer.text(503, "the server cannot check credentials now");
    private static final HttpAnswer FOR_NO_PAGE =
            HttpAnswer.text(403, "administration is not for web pages");

    private final Sessions sessions;
    private final Logins administrators;
    private final AuditLines lines;

    /// @param lines about requests that are refused
    public SessionPages(Sessions sessions, Logins administrators, AuditLines lines) {
        this.sessions = sessions;
        this.administrators = administrators;
        this.lines = lines;
    }

    public static boolean at(String path) {
        return path.equals(PATH) || path.startsWith(PATH + "/");
    }

    /// @param address whose request it is, as logs have it
    public CompletionStage<HttpAnswer> answer(HandshakeRequest request, String address) {
        if (!values(request, "Origin").isEmpty()
                || values(request, "Sec-Fetch-Site").stream().anyMatch(it -> !it.equals("none"))) {
            AuditLog.requestRefused(
                    lines, request, LISTENER, address, "administration is not for web pages");
            return now(FOR_NO_PAGE);
        }
        Credentials shown = credentials(request, address);
        if (shown == null) {
            AuditLog.requestRefused(lines, request, LISTENER, address, "no credentials");
            return now(UNAUTHORIZED);
        }
        CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
        administrators.ask(
                "-",
                shown,
                said -> {
                    if (said instanceof Identities.Answer.Known known) {
                        String name = String.valueOf(known.principal().name());
                        copy(allowed(request, name), answer);
                    } else {
                        boolean failed =
                                said instanceof Identities.Answer.Refused refused
                                        && refused.why() == Disconnect.LOGIN_FAILED;
                        answer.complete(failed ? UNAUTHORIZED : UNAVAILABLE);
                    }
                });
        return answer;
    }

    private static void copy(CompletionStage<HttpAnswer> from, CompletableFuture<HttpAnswer> to) {
        from.whenComplete((answer, failure) ->
                to.complete(
                        answer != null
                                ? answer
                                : HttpAnswer.text(503, "the server is too busy to answer")));
    }

    /// Null where there are none that could be looked at.
    private static @Nullable Credentials credentials(HandshakeRequest request, String address) {
        List<String> given = values(request, "Authorization");
        if (given.size() != 1) {
            return null;
        }
        String authorization = given.getFirst();
        String token = Credentials.bearer(authorization);
        String login = null;
        String passcode = null;
        if (authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            String pair;
            try {
                byte[] bytes =
                        Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
                pair = new String(bytes, UTF_8);
            } catch (IllegalArgumentException e) {
                return null;
            }
            int colon = pair.indexOf(':');
            login = colon < 1 ? null : pair.substring(0, colon);
            passcode = colon < 1 ? null : pair.substring(colon + 1);
        }
        return token == null && login == null
                ? null
                : new Credentials(
                        login, passcode, null, token, Map.of(), null, address, false, LISTENER);
    }

    // --- For administrators ---

    private CompletionStage<HttpAnswer> allowed(HandshakeRequest request, String by) {
        QueryStringDecoder target = new QueryStringDecoder(request.target(), UTF_8);
        Map<String, List<String>> parameters;
        String path;
        try {
            parameters = target.parameters();
            path = target.path();
        } catch (IllegalArgumentException e) {
            return now(HttpAnswer.text(400, "expected a target in percent-encoding"));
        }
        for (var parameter : parameters.entrySet()) {
            if (!PARAMETERS.contains(parameter.getKey()) || parameter.getValue().size() != 1) {
                return now(
                        HttpAnswer.text(400, "expected user, address, limit or after, each once"));
            }
            // As a script has it whose variable is not set: it would be about somebody else.
            boolean whom = !parameter.getKey().equals("after");
            if (whom && parameter.getValue().getFirst().isEmpty()) {
                return now(HttpAnswer.text(400, "expected a value of " + parameter.getKey()));
            }
        }
        boolean one = path.length() > PATH.length() + 1;
        SessionQuery query =
                new SessionQuery(
                        one ? path.substring(PATH.length() + 1) : null,
                        only(parameters, "user"),
                        only(parameters, "address"));
        return switch (request.method()) {
            case "GET", "HEAD" -> one ? inspect(query) : list(query, parameters);
            case "DELETE" -> disconnect(query, by);
            default ->
                    now(
                            HttpAnswer.text(405, "expected GET, HEAD or DELETE")
                                    .with(List.of(Map.entry("Allow", "GET, HEAD, DELETE"))));
        };
    }

    private CompletionStage<HttpAnswer> inspect(SessionQuery query) {
        return sessions.inspect(String.valueOf(query.id()))
                .thenApply(found -> found.isEmpty() ? NOT_FOUND : json(object(found.getFirst())));
    }

    private CompletionStage<HttpAnswer> list(
            SessionQuery query, Map<String, List<String>> parameters) {
        String limit = only(parameters, "limit");
        if (limit != null && !limit.matches("[1-9][0-9]{0,3}")
                || limit != null && Integer.parseInt(limit) > LIMIT_MAX) {
            return now(HttpAnswer.text(400, "expected a limit from 1 to " + LIMIT_MAX));
        }
        int max = limit == null ? LIMIT : Integer.parseInt(limit);
        return sessions.find(query, only(parameters, "after"), max + 1)
                .thenApply(found -> {
                    List<Object> shown = new ArrayList<>();
                    found.stream().limit(max).forEach(it -> shown.add(object(it)));
                    Map<String, Object> page = new LinkedHashMap<>();
                    page.put("sessions", shown);
                    if (found.size() > max) {
                        page.put("next", found.get(max - 1).id());
                    }
                    return json(page);
                });
    }

    private CompletionStage<HttpAnswer> disconnect(SessionQuery query, String by) {
        if (query.open()) {
            return now(HttpAnswer.text(400, "expected an id in the path, or user or address"));
        }
        return sessions.disconnect(query, by)
                .thenApply(count ->
                        query.id() != null && count == 0
                                ? NOT_FOUND
                                : json(Map.of("disconnected", count)));
    }

    private static Map<String, Object> object(SessionView session) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("id", session.id());
        if (session.user() != null) {
            object.put("user", session.user());
        }
        object.put("address", session.address());
        object.put("listener", session.listener());
        if (session.endpoint() != null) {
            object.put("endpoint", session.endpoint());
        }
        object.put("shard", session.shard());
        object.put("seconds", session.seconds());
        object.put("bytesWaiting", session.bytesWaiting());
        object.put("bytesHeld", session.bytesHeld());
        object.put("waits", session.waits());
        object.put("subscriptions", session.subscriptions());
        if (!session.subscribed().isEmpty()) {
            List<Object> all = new ArrayList<>();
            session.subscribed()
                    .forEach(it -> all.add(Map.of("id", it.id(), "destination", it.destination())));
            object.put("subscribed", all);
        }
        return object;
    }

    private static HttpAnswer json(Map<String, ?> object) {
        String text = JSONObjectUtils.toJSONString(object) + "\n";
        return HttpAnswer.of(200, "application/json", text.getBytes(UTF_8));
    }

    private static @Nullable String only(Map<String, List<String>> parameters, String name) {
        List<String> values = parameters.get(name);
        return values == null ? null : values.getFirst();
    }

    private static List<String> values(HandshakeRequest request, String name) {
        return request.headers().stream()
                .filter(header -> header.getKey().equalsIgnoreCase(name))
                .map(Map.Entry::getValue)
                .toList();
    }

    private static CompletionStage<HttpAnswer> now(HttpAnswer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
