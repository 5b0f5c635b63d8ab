package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.Node.Client;
import io.switchboard.broker.Policies.Policy;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Starts with other policies than those with which history and state were stored.
class UnclaimedTest {
    private static final Policies BOTH =
            configured(it -> it.withHistory(Retention.DEFAULT).withState(true).withDurable(true));

    private static final String BOTH_UNCLAIMED =
            "stored history of /topic/0 and 9 other topics, and stored state of /topic/0 and 9"
                    + " other topics have no policy any more: expected history or state with"
                    + " durable: on; start with the configuration that it was stored with, or"
                    + " give what is to go a policy with history: off, state: off or"
                    + " durable: off, which removes it";

    private final LateJournal journal = new LateJournal();
    private long lives;
    private Node node;

    private static Policies configured(UnaryOperator<Policy> change) {
        return Policies.DEFAULT.with("/topic/**", change);
    }

    private void restart(Policies policies) {
        journal.incarnation = (int) lives;
        node =
                new Node(
                        3,
                        AccessRules.localOnly(),
                        policies,
                        BrokerLimits.DEFAULT,
                        journal,
                        Application.NONE);
        node.epoch = 1_000 * ++lives;
        journal.restore(node);
        node.run();
    }

    /// Ten topics on three shards, each with a message and a value.
    @BeforeEach
    void fill() {
        restart(BOTH);
        Client writer = node.client(0, "writer");
        for (int i = 0; i < 10; i++) {
            Message message = Client.message("/topic/" + i, "x");
            writer.publish(message, null, null);
            node.run();
            writer.publish(
                    message.with(SendOptions.DEFAULT.withKey("k", false, false)), null, null);
            node.run();
        }
        storeAll();
        assertThat(journal.stored).hasSize(30);
    }

    private void storeAll() {
        while (!journal.waiting.isEmpty()) {
            journal.store(0, node);
        }
    }

    /// And it takes nothing away, nor after a start that is right again.
    private void assertRefused(Policies policies, String what) {
        TreeSet<String> before = new TreeSet<>(journal.stored);
        assertThatThrownBy(() -> restart(policies))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(what);
        assertThat(journal.waiting).isEmpty();
        restart(BOTH);
        storeAll();
        assertThat(journal.stored).isEqualTo(before);
        assertThat(messages(counters -> counters.historyMessages)).isEqualTo(20);
        assertThat(messages(Counters::stateKeys)).isEqualTo(10);
    }

    private long messages(ToLongFunction<Counters> counter) {
        return node.shards.stream().mapToLong(it -> counter.applyAsLong(it.counters())).sum();
    }

    private long stored(String homes) {
        return journal.stored.stream().filter(it -> it.startsWith(homes)).count();
    }

    @Test
    void aStartWithoutAnyPolicyIsRefusedAndTakesNothingAway() {
        assertRefused(Policies.DEFAULT, BOTH_UNCLAIMED);
    }

    @Test
    void thatNothingIsSaidOfDurableIsNotEnough() {
        assertRefused(
                configured(it -> it.withHistory(Retention.DEFAULT).withState(true))
                        .with("/topic/*", it -> it.withTtl(1_000)),
                BOTH_UNCLAIMED);
    }

    @Test
    void historyAndStateEachHaveToBePutOff() {
        assertRefused(
                configured(it -> it.withDurable(true).withState(true)),
                "stored history of /topic/0 and 9 other topics has no policy any more: expected"
                        + " history with durable: on; start with the configuration that it was"
                        + " stored with, or give what is to go a policy with history: off or"
                        + " durable: off, which removes it");
        assertRefused(
                configured(it -> it.withDurable(true).withHistory(Retention.DEFAULT)),
                "stored state of /topic/0 and 9 other topics has no policy any more: expected"
                        + " state with durable: on; start with the configuration that it was"
                        + " stored with, or give what is to go a policy with state: off or"
                        + " durable: off, which removes it");
    }

    @Test
    void theMostSpecificPatternThatSaysSomethingOfItHolds() {
        Policies off = BOTH.with("/topic/*", it -> it.withDurable(false));
        assertRefused(
                Policies.DEFAULT
                        .with("/topic/**", it -> it.withDurable(false))
                        .with("/topic/7", it -> it.withDurable(true).withState(true)),
                "stored history of /topic/7 has no policy any more: expected history with"
                        + " durable: on; start with the configuration that it was stored with, or"
                        + " give what is to go a policy with history: off or durable: off, which"
                        + " removes it");
        restart(off.with("/topic/7", it -> it.withTtl(0).withDurable(true)));
        storeAll();
        assertThat(journal.stored).hasSize(3);
        assertThat(stored("/topic/7 ")).isEqualTo(2);
        restart(off);
        storeAll();
        assertThat(journal.stored).isEmpty();
    }

    @Test
    void oneOtherTopicIsOne() {
        assertThatThrownBy(() ->
                        restart(
                                Policies.DEFAULT
                                        .with("/topic/**", it -> it.withDurable(false))
                                        .with("/topic/3", it -> it.withDurable(true))
                                        .with("/topic/8", it -> it.withDurable(true))))
                .hasMessageStartingWith("stored history of /topic/3 and 1 other topic, and stored");
    }

    @Test
    void whatIsPutOffGoesAlone() {
        restart(configured(it -> it.withHistory(null).withState(true).withDurable(true)));
        storeAll();
        assertThat(journal.stored).hasSize(10);
        assertThat(stored("state:")).isEqualTo(10);
        restart(configured(it -> it.withState(false).withDurable(true)));
        storeAll();
        assertThat(journal.stored).isEmpty();
    }
}
