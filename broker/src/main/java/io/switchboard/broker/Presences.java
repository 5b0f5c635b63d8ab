package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who is there: for each topic with presence its subscribers, as the values of a topic with state
/// that nobody else writes. Those who subscribe to `/topic/room.1` by its name are the keys of
/// `/presence/room.1`. Owned by the home shard of that name.
///
/// A key is a user's name, and its value how many sessions of that user are there: someone with two
/// tabs stays until the last one goes. A session without a name, or with one that is too long for a
/// key, stands for itself under its id.
final class Presences {
    private final Topics topics;
    private final Map<String, Room> rooms = new HashMap<>();

    Presences(Topics topics) {
        this.topics = topics;
    }

    private static final class Room {
        final Map<Session, Guest> guests = new IdentityHashMap<>();
        final Map<String, Integer> sessions = new HashMap<>();
    }

    private static final class Guest {
        final String key;
        final @Nullable String user;
        int subscriptions;

        Guest(String key, @Nullable String user) {
            this.key = key;
            this.user = user;
        }
    }

    /// A session has subscribed.
    ///
    /// @param user its name; null for none
    void came(String destination, Session session, String id, @Nullable String user) {
        Room room = rooms.computeIfAbsent(destination, it -> new Room());
        Guest guest = room.guests.computeIfAbsent(session, it -> guest(id, user));
        if (++guest.subscriptions == 1) {
            tell(destination, guest, room.sessions.merge(guest.key, 1, Integer::sum));
        }
    }

    private static Guest guest(String id, @Nullable String user) {
        return user == null || user.isEmpty() || user.length() > SendOptions.KEY_LENGTH_MAX
                ? new Guest(id, null)
                : new Guest(user, user);
    }

    /// One of its subscriptions has gone.
    void went(String destination, Session session) {
        Room room = rooms.get(destination);
        Guest guest = room == null ? null : room.guests.get(session);
        if (room == null || guest == null || --guest.subscriptions > 0) {
            return;
        }
        room.guests.remove(session);
        int left = room.sessions.merge(guest.key, -1, Integer::sum);
        if (left == 0) {
            room.sessions.remove(guest.key);
        }
        if (room.guests.isEmpty()) {
            rooms.remove(destination);
        }
        tell(destination, guest, left);
    }

    private void tell(String destination, Guest guest, int sessions) {
        topics.publish(
                sessions == 0
                        ? States.removal(destination, guest.key)
                        : value(destination, guest, sessions));
    }

    private static Message value(String destination, Guest guest, int sessions) {
        String user = guest.user == null ? "" : "\"user\":" + quoted(guest.user) + ",";
        byte[] body = ("{" + user + "\"sessions\":" + sessions + "}").getBytes(UTF_8);
        Headers headers = Headers.of("key", guest.key, "content-type", "application/json");
        return Message.of(destination, headers, body, true)
                .with(SendOptions.DEFAULT.withKey(guest.key, false, false));
    }

    /// As JSON has it.
    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append("\\u00")
                        .append(Character.forDigit(c >> 4, 16))
                        .append(Character.forDigit(c & 15, 16));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
