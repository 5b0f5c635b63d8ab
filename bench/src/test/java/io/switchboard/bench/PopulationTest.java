package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PopulationTest {
    @Test
    void fanoutHasSubscribersThenPublishers() {
        Population fanout = Population.fanout(3, 2);
        assertThat(fanout.connectionCount).isEqualTo(5);
        assertThat(fanout.subscribes(2)).isTrue();
        assertThat(fanout.subscribes(3)).isFalse();
        assertThat(fanout.connectionOf(0)).isEqualTo(3);
        assertThat(fanout.connectionOf(1)).isEqualTo(4);
        assertThat(fanout.firstPairOf(3)).isNegative();
    }

    @Test
    void inRoomsEverybodyDoesBoth() {
        Population rooms = Population.rooms(4, 3);
        assertThat(rooms.connectionCount).isEqualTo(12);
        assertThat(rooms.publisherCount).isEqualTo(12);
        assertThat(rooms.groupOf(5)).isEqualTo(1);
        assertThat(rooms.groupOfPublisher(5)).isEqualTo(1);
        assertThat(rooms.placeInGroup(5)).isEqualTo(2);
        assertThat(rooms.connectionOf(5)).isEqualTo(5);
    }

    @Test
    void aPairKnowsItsPublisher() {
        for (Population each : new Population[] {Population.rooms(4, 3), Population.fanout(5, 2)}) {
            for (int connection = 0; connection < each.subscriberCount(); connection++) {
                for (int publisher = 0; publisher < each.publisherCount; publisher++) {
                    if (each.groupOfPublisher(publisher) == each.groupOf(connection)) {
                        int pair = each.firstPairOf(connection) + each.placeInGroup(publisher);
                        assertThat(each.publisherOfPair(pair)).isEqualTo(publisher);
                    }
                }
            }
        }
    }
}
