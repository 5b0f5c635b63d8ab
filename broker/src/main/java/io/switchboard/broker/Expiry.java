package io.switchboard.broker;

import java.util.Comparator;
import java.util.TreeSet;

/// Until when it is known who a shard's clients are: shortly before it a session is told, if it
/// listens, and at it the session ends, unless it has renewed. Owned by its shard.
final class Expiry {
    /// So many sessions end in one turn; the next ones follow in the next.
    static final int PER_TURN = 500;

    private final Shard shard;
    private final Loop loop;

    /// By the moment at which something is due.
    private final TreeSet<Session> watched =
            new TreeSet<>(
                    Comparator.<Session>comparingLong(each -> each.dueMillis)
                            .thenComparingLong(Session::number));

    Expiry(Shard shard, Loop loop) {
        this.shard = shard;
        this.loop = loop;
    }

    int count() {
        return watched.size();
    }

    /// From now on as its principal says.
    void watch(Session session) {
        forget(session);
        long expires = session.expiresMillis();
        if (expires == 0) {
            return;
        }
        long left = Math.max(0, expires - loop.epochMillis());
        // A token that does not live long is not spoken of before half of its time is over.
        await(session, expires - Math.min(shard.limits.tokenNoticeMillis(), left / 2));
    }

    void forget(Session session) {
        if (session.dueMillis != 0) {
            watched.remove(session);
            session.dueMillis = 0;
        }
    }

    /// It listens from now on, which may be late.
    void listens(Session session) {
        long expires = session.expiresMillis();
        boolean told = shard.limits.tokenNoticeMillis() > 0;
        if (told && expires != 0 && session.dueMillis == expires && session.notices != null) {
            session.notices.tokenExpiring(expires, loop.epochMillis());
        }
    }

    private void await(Session session, long moment) {
        session.dueMillis = moment;
        watched.add(session);
        shard.wakeBy(watched.first().dueMillis);
    }

    void onDeadline() {
        long now = loop.epochMillis();
        for (int i = 0; i < PER_TURN && !watched.isEmpty(); i++) {
            Session session = watched.first();
            if (session.dueMillis > now) {
                break;
            }
            forget(session);
            due(session, now);
        }
        if (!watched.isEmpty()) {
            shard.wakeBy(Math.max(now + 1, watched.first().dueMillis));
        }
    }

    private void due(Session session, long now) {
        long expires = session.expiresMillis();
        if (expires > now) {
            await(session, expires);
            if (session.notices != null) {
                session.notices.tokenExpiring(expires, now);
            }
            return;
        }
        shard.sayAndEnd(
                session,
                Disconnect.TOKEN_EXPIRED,
                "expected a new token before the old one ended; SEND it to /session/token in time,"
                        + " or come back with a new one");
    }
}
