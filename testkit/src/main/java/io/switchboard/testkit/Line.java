package io.switchboard.testkit;

import io.switchboard.broker.Settlement;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.testkit.Conversation.Published;
import org.jspecify.annotations.Nullable;

/// One simulated connection: what a client can do to the server through it, and what comes back.
/// What the client says lies in a pipe until [#arrive]; what the server says lies in a wire until
/// [#read].
interface Line {
    int NO_RECEIPT = -1;
    long UNKNOWN = -1;

    /// The longest message, in bytes.
    int MESSAGE_MAX = 1_500;

    void connect(String login);

    /// Whether what is refused does not end it.
    boolean soft();

    /// Whether it can give a message back.
    boolean nacks();

    /// Whether a prefetch has bytes.
    boolean boundsBytes();

    void subscribe(int id, String destination, SubscribeOptions options, int receipt);

    void unsubscribe(int id, int receipt);

    void send(Published message, int receipt);

    /// @param transaction in which it does so, or null
    void settle(
            Copy.Delivery delivery,
            Settlement settlement,
            @Nullable Transaction transaction,
            int receipt);

    void begin(Transaction transaction, int receipt);

    void commit(Transaction transaction, int receipt);

    void abort(Transaction transaction, int receipt);

    void disconnect(int receipt);

    /// Something of what the client said reaches the server, if that is reading.
    ///
    /// @param all or a random part
    /// @return whether anything did
    boolean arrive(boolean all);

    /// The client reads at most so many bytes and tells the ears what they say.
    ///
    /// @return how many it read
    int read(int max, Ears ears);

    /// The client's end is gone without a word. What the server writes can still be read, by who
    /// wants to know what it was.
    void drop();

    /// The transport tells the broker that it has gone, if it has; later than [#drop] or the
    /// server's close, as in life.
    boolean reportGone();

    /// What the client said and the server has not handled; in frames or bytes.
    int unarrived();

    /// Bytes that the client has not read yet.
    int unread();

    /// What the broker holds for the client, or [#UNKNOWN] where that cannot be seen.
    long bytesWaiting();

    /// The server has begun to end it.
    boolean ending();

    /// When [#onDeadline] is due, `Long.MAX_VALUE` for never.
    long deadlineNanos();

    void onDeadline();

    /// Time has passed: the client sends its life sign if it is due, and notes what the server may
    /// hold against it.
    void beat(Conversation self);

    /// Time has passed, and the server has done what was due: did it give its life signs, and give
    /// up who gave none?
    void checkBeats();

    /// What a client hears.
    interface Ears {
        void connected();

        /// @param padding octets behind the index in its body
        void message(
                int subscription, int published, int padding, int name, long epoch, long sequence);

        /// A message that was taken from a queue for this subscription.
        void delivery(
                int subscription,
                int published,
                int padding,
                int name,
                long epoch,
                long sequence,
                Handed handed);

        /// That was all that waited in the queue.
        void browsed(int subscription);

        void receipt(int number);

        /// Comes with the receipt of a SUBSCRIBE that begins in the past.
        ///
        /// @param whole whether nothing is missing of that
        void recovered(int number, boolean whole);

        /// @param number of the receipt that was asked for, or [#NO_RECEIPT]
        /// @param reason the name of the `Disconnect`
        void refused(int number, String reason);

        /// @param number of the receipt that the refused frame asked for, or [#NO_RECEIPT]
        /// @param reason the name of the `Disconnect`
        void error(int number, String reason);

        /// The server has closed and all was read.
        ///
        /// @param cutOff whether it closed because its last words were not taken in time
        void end(boolean cutOff);

        /// The line broke a rule of its own format.
        AssertionError garbled(String what, @Nullable Throwable cause);
    }
}
