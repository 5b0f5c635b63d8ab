package io.switchboard.server.config;

import io.switchboard.server.auth.CertificateName;
import io.switchboard.server.auth.TokenOptions;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;

/// The keys below `auth`, and those below `auth.jwt`.
final class AuthKeys {
    static final List<Setting> ALL =
            List.of(
                    Setting.inFile("anonymous", false, (d, v) -> d.auth.anonymous = v.onOrOff()),
                    Setting.inFile("users", false, (d, v) -> d.auth.users = v.path()),
                    Setting.inFile(
                            "client-certificate",
                            false,
                            (d, v) ->
                                    d.auth.certificateName =
                                            v.word(
                                                    CertificateName.values(),
                                                    CertificateName::text)),
                    Setting.inFile("timeout", false, (d, v) -> d.auth.timeout = v.duration()));

    static final List<Setting> JWT =
            List.of(
                    Setting.inFile("keys", false, (d, v) -> d.auth.keys = v.path()),
                    Setting.inFile("jwks", false, (d, v) -> d.auth.jwks = url(v)),
                    Setting.inFile("algorithms", true, AuthKeys::algorithms),
                    Setting.inFile("issuer", false, (d, v) -> d.auth.issuer = filled(v)),
                    Setting.inFile("audience", false, (d, v) -> d.auth.audience = filled(v)),
                    Setting.inFile("name-claim", false, (d, v) -> d.auth.nameClaim = filled(v)),
                    Setting.inFile("roles-claim", false, (d, v) -> d.auth.rolesClaim = filled(v)),
                    Setting.inFile("leeway", false, (d, v) -> d.auth.leeway = v.durationOrOff()),
                    Setting.inFile("cookie", false, (d, v) -> d.auth.cookie = filled(v)));

    private AuthKeys() {}

    private static void algorithms(Draft draft, Value value) {
        String[] all = TokenOptions.ALGORITHMS.toArray(String[]::new);
        draft.auth.algorithms = new LinkedHashSet<>();
        for (String each : value.texts()) {
            draft.auth.algorithms.add(Value.of(each).word(all, it -> it));
        }
    }

    private static String filled(Value value) {
        if (value.text().isEmpty()) {
            throw new BadValue("a text", value.text());
        }
        return value.text();
    }

    /// Keys that somebody on the way could exchange are believed from this machine only.
    private static URI url(Value value) {
        try {
            URI uri = URI.create(value.text());
            boolean here =
                    "http".equals(uri.getScheme())
                            && ("127.0.0.1".equals(uri.getHost())
                                    || "localhost".equals(uri.getHost()));
            if (uri.getHost() != null && ("https".equals(uri.getScheme()) || here)) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // Says the same for whatever was wrong.
        }
        throw new BadValue("an https URL, or http on 127.0.0.1", value.text());
    }
}
