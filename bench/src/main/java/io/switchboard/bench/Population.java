package io.switchboard.bench;

/// Who publishes where and who hears it. A group is what shares one destination.
///
/// A connection is a number; so are a publisher and a group. A *pair*, one subscriber and one
/// publisher of its group, is a number too: the subscriber's first plus the publisher's place in
/// the group.
final class Population {
    private static final int NONE = -1;

    final int connectionCount;
    final int groupCount;
    final int publisherCount;
    final int subscribersPerGroup;
    final int publishersPerGroup;
    private final int subscriberCount;

    /// Rooms: every connection is both subscriber and publisher.
    private final boolean both;

    private Population(
            int groupCount, int subscribersPerGroup, int publishersPerGroup, boolean both) {
        this.groupCount = groupCount;
        this.subscribersPerGroup = subscribersPerGroup;
        this.publishersPerGroup = publishersPerGroup;
        this.both = both;
        subscriberCount = Math.multiplyExact(groupCount, subscribersPerGroup);
        publisherCount = Math.multiplyExact(groupCount, publishersPerGroup);
        connectionCount = both ? subscriberCount : subscriberCount + publisherCount;
    }

    /// One destination, publishers that do not subscribe.
    static Population fanout(int subscribers, int publishers) {
        return new Population(1, subscribers, publishers, false);
    }

    /// Queues, each with its own producers and consumers.
    static Population queues(int queues, int producers, int consumers) {
        return new Population(queues, consumers, producers, false);
    }

    /// Every member of a room subscribes and publishes to it.
    static Population rooms(int rooms, int members) {
        return new Population(rooms, members, members, true);
    }

    /// Connections that subscribe to a destination of their own, to which nobody else publishes.
    static Population idle(int connections) {
        return new Population(connections, 1, 1, true);
    }

    boolean subscribes(int connection) {
        return connection < subscriberCount;
    }

    int groupOf(int connection) {
        return subscribes(connection) ? connection / subscribersPerGroup : 0;
    }

    int connectionOf(int publisher) {
        return both ? publisher : subscriberCount + publisher;
    }

    int groupOfPublisher(int publisher) {
        return publisher / publishersPerGroup;
    }

    int pairCount() {
        return Math.multiplyExact(subscriberCount, publishersPerGroup);
    }

    int firstPairOf(int connection) {
        return subscribes(connection) ? connection * publishersPerGroup : NONE;
    }

    int placeInGroup(int publisher) {
        return publisher % publishersPerGroup;
    }

    /// Who of a pair published.
    int publisherOfPair(int pair) {
        int subscriber = pair / publishersPerGroup;
        return groupOf(subscriber) * publishersPerGroup + pair % publishersPerGroup;
    }

    int subscriberCount() {
        return subscriberCount;
    }
}
