package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// How subscriptions that outlive their connections are named inside: by whose they are, so that
/// nobody can name another's. All of one client have one home shard.
///
/// ```
/// client = "client:" whose
/// key    = id ":" whose
/// home   = "durable-" generation "-" key     (in the journal; a new one each time it is made)
/// whose  = "/" user "/" client
/// ```
///
/// Each part is percent-encoded where it holds a `/`, `:`, `%` or a control character.
final class DurableName {
    /// What the homes of such subscriptions in the journal begin with.
    static final String HOME = "durable-";

    private DurableName() {}

    static String client(@Nullable String user, String client) {
        return "client:" + whose(user, client);
    }

    static String key(@Nullable String user, @Nullable String client, String id) {
        return encode(id) + ':' + whose(user, client == null ? "" : client);
    }

    private static String whose(@Nullable String user, String client) {
        return '/' + encode(user == null ? "" : user) + '/' + encode(client);
    }

    static String home(long generation, String key) {
        return HOME + Base36.text(generation) + '-' + key;
    }

    /// The key in the name of a home.
    static String keyOf(String home) {
        return home.substring(home.indexOf('-', HOME.length()) + 1);
    }

    /// The user in a key, as it is written there.
    static String userOf(String key) {
        int start = key.indexOf(":/") + 2;
        return key.substring(start, key.indexOf('/', start));
    }

    private static String encode(String part) {
        StringBuilder encoded = new StringBuilder(part.length());
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == '/' || c == ':' || c == '%' || c < ' ') {
                encoded.append('%')
                        .append(Character.forDigit(c >> 4, 16))
                        .append(Character.forDigit(c & 15, 16));
            } else {
                encoded.append(c);
            }
        }
        return encoded.toString();
    }
}
