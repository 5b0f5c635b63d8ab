package io.switchboard.broker;

import org.jspecify.annotations.Nullable;

/// What a topic's home shard can give a subscriber before the live messages: the topic's history,
/// or the current values of its keys. Owned by that shard; a [Replay] goes through it page by page.
///
/// **What an implementation owes.**
///
/// - *Order.* [#next] answers in the order of the sequences, each above the cursor's, which it
///   moves there. What a cursor has passed is not answered again; who replaces something (a key's
///   value) gives it the sequence of the change, so that it is ahead of every cursor again.
/// - *No hole.* A message is in here from the step in which its home shard posts it to the shards
///   with subscribers, no earlier and no later: what waits for the journal or for a commit is not
///   here yet and comes live. So when [#next] answers null, all that was posted so far has been
///   answered or is lost, and all that is posted from then on comes live: the replay ends in that
///   very step.
/// - *Honesty.* Where something is lost that the subscriber was to get (trimmed before the cursor
///   came to it), [Cursor#whole] becomes false and the replay goes on behind the hole. What is not
///   wanted any more (too old by its own `expires`) is no loss, and may be answered or not.
/// - *Nothing pinned.* A cursor is a place, not a copy: a subscriber who reads slowly, or never,
///   costs the cursor alone. [#close] is called once for each cursor, at its end or when the
///   subscriber went; an implementation that remembers something for open cursors (keys that were
///   removed, say) lets it go then.
interface Past {
    /// Where a subscriber begins.
    ///
    /// @param from not [From.Now]; an implementation is asked only for what [Topic#past] says that
    ///   it has
    Cursor open(From from, long nowMillis);

    /// The first thing behind the cursor, as the subscriber is to get it, or null at the end.
    /// Cheap: it is called many times a page. What is [Kept#expired] is passed over by the caller.
    @Nullable Kept next(Cursor cursor);

    /// The cursor is not used any more.
    void close(Cursor cursor);

    /// How far one subscriber has come.
    final class Cursor {
        /// It has had everything up to this place in the topic's order, or does not want it.
        long sequence;

        /// Whether it got all that it asked for, so far.
        boolean whole = true;

        Cursor(long sequence) {
            this.sequence = sequence;
        }
    }
}
