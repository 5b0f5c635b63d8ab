package io.switchboard.broker;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What shards say to each other. A [Request], a [Ticket], a [Session], a [Consumer], a [Part] and
/// a [Replay] in a post are opaque to every shard but the one that owns them.
public sealed interface Post {
    /// What the home shard of a client hears of its durable subscriptions.
    sealed interface OfDurable extends Post {}

    /// To the destination's home shard: give it its place and send it on, or keep it.
    record Publish(Message message, Request request) implements Post {}

    /// To each shard that has subscribers: deliver this, it has its place.
    record Deliver(Message message, Request request) implements Post {}

    /// Back to the request's shard: a home shard is done with it.
    ///
    /// @param takers so many shards will answer [Taken]
    /// @param refusal why it was not done, or null
    record Answered(Request request, int takers, @Nullable Refusal refusal) implements Post {}

    /// Back to the publisher's shard: one shard has put it into its subscribers' queues.
    ///
    /// @param done false if it failed at that
    record Taken(Request request, boolean done) implements Post {}

    /// To a home shard (every shard, for a pattern): `shard` has its first subscriber there.
    record Interested(int shard, String destination, boolean pattern, Ticket ticket)
            implements Post {}

    /// The opposite: its last subscriber there has gone.
    record NoLongerInterested(int shard, String destination, boolean pattern) implements Post {}

    /// Back to the subscriber's shard: what is published from now on will reach it.
    record InterestKnown(Ticket ticket) implements Post {}

    /// To a shard that is home to topics with state: what the session wrote there while it was
    /// connected goes. Behind all that it wrote.
    record WriterGone(Session session) implements Post {}

    /// To the home shard of a topic's presence: a session has subscribed to the topic.
    record Came(String destination, Session session, String id, @Nullable String user)
            implements Post {}

    /// The opposite.
    record Went(String destination, Session session) implements Post {}

    /// To a shard itself, when all shards have what the journal gave back, behind what they said of
    /// it to each other.
    record Begin() implements Post {}

    /// To a topic's home shard: the next page of its past.
    record NextPage(Replay replay) implements Post {}

    /// Back to the subscriber's shard, ahead of what is live after it.
    record Page(Replay replay, Replay.Page page) implements Post {}

    /// To a topic's home shard: no page is wanted any more.
    record ReplayOver(Replay replay) implements Post {}

    /// To a queue's home shard: here is a consumer.
    record Consume(Consumer consumer, Request request) implements Post {}

    /// To a client's home shard: here is a consumer of one of its durable subscriptions, which is
    /// to get this.
    ///
    /// @param key as [DurableName] has it
    /// @param owner its client
    record ConsumeDurable(
            String key, Consumer consumer, DurableWish wish, Principal owner, Request request)
            implements OfDurable {}

    /// To a client's home shard: the subscription of that name ends for good.
    record EndDurable(String key, Request request) implements OfDurable {}

    /// To a client's home shard: this is known of whose subscription that is.
    record DurableOwner(String key, Principal owner) implements OfDurable {}

    /// To a client's home shard: as this its client may not subscribe to that.
    record DurableDenied(String key, DurableWish wish, Principal owner) implements OfDurable {}

    /// To a topic's home shard (every shard, for a pattern): keep copies for it from now on.
    record KeepFor(DurableInterest interest, DurableSubscriptions.Ticket ticket) implements Post {}

    /// Back to the subscription's shard: what is published from now on is kept.
    record Keeping(DurableSubscriptions.Ticket ticket) implements Post {}

    /// The opposite of [KeepFor].
    record KeepNoMore(DurableInterest interest) implements Post {}

    /// To the home shard of durable subscriptions: this is for them, it has its place in its topic
    /// and is stored where it must be.
    record Keep(
            Message message, List<DurableInterest> interests, long arrivedMillis, Request request)
            implements Post {}

    /// To the home shard of a client's id: the session has it now, whoever had it before.
    record ClaimClient(String client, Session session) implements Post {}

    /// To the same: the session has ended.
    record LeaveClient(String client, Session session) implements Post {}

    /// To a session's shard: another one has its client's id.
    record TakenOver(Session session) implements Post {}

    /// To a queue's home shard: the consumer has gone.
    ///
    /// @param written what was handed to it under tags up to this one has reached its socket
    record Cancel(Consumer consumer, long written) implements Post {}

    /// To a consumer's shard: a message for it.
    ///
    /// @param earlier as in [Handover]
    record Hand(
            Consumer consumer,
            Message message,
            long tag,
            int deliveryCount,
            long arrivedMillis,
            boolean earlier)
            implements Post {}

    /// To a consumer's shard: a message that was for it was dropped for want of room.
    record Missed(Consumer consumer) implements Post {}

    /// To a queue's home shard: the consumer's socket has taken so many further messages.
    record Written(Consumer consumer, int count) implements Post {}

    /// From a queue's home shard to itself: go on looking for what the consumer's selector holds
    /// for.
    record LookOn(Consumer consumer) implements Post {}

    /// To a queue's home shard: settle what a consumer holds.
    record Settle(Commands.Attempt attempt, Settlement settlement, Request request)
            implements Post {}

    /// To a home shard: can all of this be done? If so, keep it ready.
    record Prepare(Part part) implements Post {}

    /// Back to the shard that coordinates the commit.
    record Prepared(Part part, @Nullable Refusal refusal) implements Post {}

    /// To a home shard that has prepared: do it, or forget it.
    record Resolve(Part part, @Nullable Refusal refusal) implements Post {}

    /// From the journal, to the shard that appended the batch.
    ///
    /// @param failure null if it is stored
    record Stored(Journal.Batch batch, @Nullable Refusal failure) implements Post {}

    /// From the journal, to the shard that wished to read.
    ///
    /// @param messages as in [Journal.Found]
    record Read(
            Journal.Reading reading, List<@Nullable Message> messages, @Nullable Refusal failure)
            implements Post {}

    /// From anywhere: the answer to a decision that was pending.
    record Decided(Session session, long question, AccessRules.Decision decision) implements Post {}

    /// The same, about a subscription that is there.
    record AskedAgain(Questions<?>.Question question, AccessRules.Decision decision)
            implements Post {}

    /// The same, about what the program answers to a client.
    record AnswerDecided(Command.Publish publish, AccessRules.Decision decision) implements Post {}

    /// From the application: it has handled a message.
    record Handled(Request request, @Nullable Refusal refusal) implements Post {}
}
