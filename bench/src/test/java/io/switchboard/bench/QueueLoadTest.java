package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.bench.FaultyServer.Fault;
import io.switchboard.stomp.StompConnection;
import io.switchboard.stomp.StompEvent;
import io.switchboard.stomp.StompLimits;
import io.switchboard.stomp.StompVersion;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/// Whole runs with queues, short ones, against a server that does one thing wrong.
@Timeout(120)
class QueueLoadTest {
    private static QueuePlan plan(int queues, int consumers, AckMode ack, boolean receipts) {
        return new QueuePlan(queues, 2, consumers, 8, ack, receipts, false, 0, 40, 0.1, 0.3, 1.5);
    }

    private static Crowd.Arguments arguments(FaultyServer server) throws Exception {
        Target target = Target.of(server.url());
        return new Crowd.Arguments(
                target, new Dialect.Stomp(target.host(), null, null), null, false, 10, 0);
    }

    private static QueueResult run(Fault fault, QueuePlan plan) throws Exception {
        try (FaultyServer server = new FaultyServer(fault)) {
            return QueueLoad.run(plan, arguments(server), null);
        }
    }

    @ParameterizedTest
    @EnumSource(AckMode.class)
    void aServerWithoutFaultsPasses(AckMode ack) throws Exception {
        try (FaultyServer server = new FaultyServer(Fault.NONE)) {
            QueueResult result = QueueLoad.run(plan(2, 3, ack, true), arguments(server), null);
            assertThat(result.good()).as("%s", result).isTrue();
            assertThat(result.received()).isPositive().isEqualTo(result.sent());
            assertThat(result.measurement().messages).isPositive();
            switch (ack) {
                case AUTO -> assertThat(server.acknowledged()).isZero();
                case CLIENT -> assertThat(server.acknowledged()).isPositive();
                case CLIENT_INDIVIDUAL -> assertThat(server.unacknowledged()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "REDELIVERS"})
    void everyFaultIsNoticed(Fault fault) throws Exception {
        boolean receipts = fault == Fault.FORGETS_RECEIPTS;
        QueueResult result = run(fault, plan(2, 1, AckMode.CLIENT_INDIVIDUAL, receipts));
        assertThat(result.good()).as("%s", result).isFalse();
        long counted =
                switch (fault) {
                    case LOSES -> result.lost();
                    case DOUBLES -> result.doubled();
                    case SWAPS -> result.reordered();
                    case MISROUTES -> result.misrouted();
                    case DAMAGES -> result.bad();
                    case FORGETS_RECEIPTS -> result.receiptsMissing();
                    case CLOSES, ANSWERS_ERROR, FORGETS_ACK -> result.failure() == null ? 0 : 1;
                    case NONE, REDELIVERS -> 0;
                };
        assertThat(counted).as("%s", result).isPositive();
    }

    @Test
    void whatTheServerCallsRedeliveredIsNotDoubled() throws Exception {
        QueueResult result = run(Fault.REDELIVERS, plan(1, 2, AckMode.CLIENT_INDIVIDUAL, false));
        assertThat(result.good()).as("%s", result).isTrue();
        assertThat(result.redelivered()).isPositive();
        assertThat(result.doubled()).isZero();
    }

    @Test
    void theCommandSaysByItsExitStatusWhetherAllWasWell() throws Exception {
        for (Fault fault : new Fault[] {Fault.NONE, Fault.DOUBLES}) {
            try (FaultyServer server = new FaultyServer(fault)) {
                StringWriter out = new StringWriter();
                int status =
                        new CommandLine(new BenchCommand())
                                .setOut(new PrintWriter(out))
                                .execute(
                                        "queue",
                                        "--url",
                                        server.url().toString(),
                                        "--consumers",
                                        "3",
                                        "--persistent",
                                        "true",
                                        "--warm",
                                        "0",
                                        "--secs",
                                        "0.3");
                assertThat(status).as("%s", out).isEqualTo(fault == Fault.NONE ? 0 : 1);
                assertThat(out.toString())
                        .contains("RESULT {\"label\":\"\",\"mode\":\"queue\"")
                        .contains("\"persistent\":true")
                        .contains(fault == Fault.NONE ? "\"ok\":true" : "\"ok\":false");
            }
        }
    }

    @Test
    void onlyStompHasQueues() {
        assertThatThrownBy(() -> plan(1, 1, AckMode.AUTO, false).dialect(new Dialect.Nats()))
                .hasMessageContaining("--protocol stomp");
        assertThatThrownBy(() -> AckMode.of("none")).hasMessageContaining("client-individual");
    }

    @Test
    void aReceiptIsWrittenIntoTheFrame() {
        QueueDialect dialect =
                new QueueDialect(
                        new Dialect.Stomp("host", null, null), AckMode.AUTO, false, true, 7);
        Dialect.Template template = dialect.message("/queue/x", 40);
        ReceiptId.put(template.bytes(), template.receiptAt(), 12, 345_678);
        StompConnection server = StompConnection.server(StompLimits.DEFAULT);
        server.version(StompVersion.V1_2);
        server.receive(ByteBuffer.wrap(template.bytes()), 0);
        StompEvent.FrameReceived received = (StompEvent.FrameReceived) server.next();
        String receipt = received.frame().headers().get("receipt");
        assertThat(ReceiptId.of(receipt)).isEqualTo(new ReceiptId(12, 345_678));
        assertThat(received.frame().headers().get("destination")).isEqualTo("/queue/x");
        assertThat(new String(dialect.subscribe("/queue/x"))).contains("prefetch-count:7\n");
        assertThat(ReceiptId.of("12")).isNull();
        assertThat(ReceiptId.of("x".repeat(ReceiptId.LENGTH))).isNull();
    }
}
