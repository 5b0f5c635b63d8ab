package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// BEGIN, COMMIT and ABORT, and the frames between them.
class TransactionTest {
    private final Node node = new Node(2, AccessRules.localOnly(), BrokerLimits.DEFAULT);
    private final Client client = new Client(node).connect();
    private final Client reader = new Client(node).connect();

    private static String send(String destination, String body, String more) {
        return "SEND\ndestination:" + destination + "\n" + more + "\n" + body + "^";
    }

    private static String begin(String id) {
        return "BEGIN\ntransaction:" + id + "\n\n^";
    }

    private static String commit(String id) {
        return "COMMIT\ntransaction:" + id + "\n\n^";
    }

    private static String abort(String id) {
        return "ABORT\ntransaction:" + id + "\n\n^";
    }

    private void read(String destination) {
        reader.send("SUBSCRIBE\nid:" + destination + "\ndestination:" + destination + "\n\n^");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BEGIN", "COMMIT", "ABORT"})
    void I01_eachNeedsTheHeader(String command) {
        client.send(command + "\nreceipt:r\n\n^");
        StompFrame error = client.refused(Disconnect.MISSING_HEADER);
        assertThat(error.headers().get("receipt-id")).isEqualTo("r");
        assertThat(Client.body(error)).isEqualTo("expected the header transaction in " + command);
    }

    @Test
    void I02_severalMayBeOpenAndIdsAreTheConnectionsOwn() {
        reader.send(begin("t"));
        client.send(begin("t") + begin("u"));
        read("/queue/q");
        client.send(send("/queue/q", "u1", "transaction:u\n"));
        client.send(send("/queue/q", "t1", "transaction:t\n"));
        client.send(commit("t"));
        assertThat(reader.bodies()).containsExactly("t1");
        client.send(commit("u"));
        assertThat(reader.bodies()).containsExactly("u1");
    }

    @Test
    void I02_I07_anOpenIdCannotBeBegunAgain() {
        client.send(begin("t") + "BEGIN\ntransaction:t\nreceipt:r\n\n^");
        assertThat(client.refused(Disconnect.DUPLICATE_TRANSACTION).headers().get("receipt-id"))
                .isEqualTo("r");
    }

    @Test
    void G05_I03_I04_sendsAreSeenWhenTheyAreCommitted() {
        read("/queue/q");
        read("/topic/a");
        client.send(begin("t"));
        client.send(send("/queue/q", "1", "transaction:t\n"));
        client.send(send("/topic/a", "2", "transaction:t\n"));
        assertThat(reader.nothingCame()).isTrue();
        client.send(commit("t"));
        assertThat(reader.bodies()).containsExactlyInAnyOrder("1", "2");
    }

    @Test
    void H10_I03_anAckTakesEffectWithTheCommit() {
        client.send("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client-individual\n\n^");
        client.send(send("/queue/q", "1", "") + send("/queue/q", "2", ""));
        client.send(begin("t"));
        client.send("ACK\nid:" + client.ackOf("1") + "\ntransaction:t\n\n^");
        client.send("NACK\nid:" + client.ackOf("2") + "\ntransaction:t\n\n^");
        assertThat(client.nothingCame()).as("the NACK has no effect yet").isTrue();
        client.send(commit("t"));
        assertThat(client.bodies()).containsExactly("2");
        client.session.closed();
        node.settle();
        read("/queue/q");
        assertThat(reader.bodies()).containsExactly("2");
    }

    @Test
    void I05_abortDropsSendsAndUndoesAcks() {
        client.send("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\n\n^");
        client.send(send("/queue/q", "1", ""));
        String ack = client.ackOf("1");
        client.send(begin("t") + "ACK\nid:" + ack + "\ntransaction:t\n\n^");
        client.send(send("/queue/q", "2", "transaction:t\n") + abort("t"));
        assertThat(client.nothingCame()).isTrue();
        client.session.closed();
        node.settle();
        read("/queue/q");
        assertThat(reader.bodies()).containsExactly("1");
    }

    @Test
    void I06_theEndOfTheConnectionAborts() {
        read("/queue/q");
        client.send(begin("t") + send("/queue/q", "1", "transaction:t\n"));
        client.send("DISCONNECT\nreceipt:d\n\n^");
        assertThat(client.next().command()).isEqualTo(StompCommand.RECEIPT);
        Client cut = new Client(node).connect();
        cut.send(begin("t") + send("/queue/q", "2", "transaction:t\n"));
        cut.session.closed();
        node.settle();
        assertThat(reader.nothingCame()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ACK", "NACK"})
    void I07_anAcknowledgementInNoOpenTransactionIsAnError(String command) {
        client.send("SUBSCRIBE\nid:s\ndestination:/queue/q\nack:client\n\n^");
        client.send(send("/queue/q", "1", ""));
        client.send(command + "\nid:" + client.ackOf("1") + "\ntransaction:t\nreceipt:r\n\n^");
        client.refused(Disconnect.UNKNOWN_TRANSACTION);
    }

    @Test
    void I08_anIdMayBeUsedAgain() {
        read("/queue/q");
        client.send(begin("t") + commit("t") + begin("t") + abort("t") + begin("t"));
        client.send(send("/queue/q", "1", "transaction:t\n") + commit("t"));
        assertThat(reader.bodies()).containsExactly("1");
        assertThat(client.nothingCame()).isTrue();
    }

    @Test
    void I09_theReceiptInsideLeavesAtOnceThatOfTheCommitWhenAllIsDone() {
        client.send(begin("t") + send("/queue/q", "1", "transaction:t\nreceipt:s\n"));
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("s");
        client.sendQuietly("COMMIT\ntransaction:t\nreceipt:c\n\n^", true);
        node.settle();
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("c");
        read("/queue/q");
        assertThat(reader.bodies()).containsExactly("1");
    }

    @Test
    void I10_theOrderInTheTransactionIsThatOfDelivery() {
        read("/queue/q");
        client.send(begin("t"));
        for (int i = 0; i < 5; i++) {
            client.send(send("/queue/q", "" + i, "transaction:t\n"));
        }
        client.send(commit("t"));
        assertThat(reader.bodies()).containsExactly("0", "1", "2", "3", "4");
    }

    @Test
    void G02_anAddressThatCannotBeSentToIsAnErrorInATransactionToo() {
        client.send(begin("t") + send("/nowhere", "x", "transaction:t\nreceipt:r\n"));
        client.refused(Disconnect.BAD_DESTINATION);
    }
}
