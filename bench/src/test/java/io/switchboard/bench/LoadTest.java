package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.bench.FaultyServer.Fault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/// Whole runs, short ones, against a server that does one thing wrong.
@Timeout(120)
class LoadTest {
    private static LoadResult run(Fault fault, Population population, double rate)
            throws Exception {
        try (FaultyServer server = new FaultyServer(fault)) {
            LoadPlan plan = new LoadPlan("test", population, 40, 8, rate, false, 0.1, 0.3, 1.5);
            return Load.run(plan, arguments(server.url()), null);
        }
    }

    private static Crowd.Arguments arguments(URI url) throws Exception {
        Target target = Target.of(url);
        return new Crowd.Arguments(
                target, new Dialect.Stomp(target.host(), null, null), null, false, 10, 0);
    }

    @Test
    void aServerWithoutFaultsPasses() throws Exception {
        LoadResult rooms = run(Fault.NONE, Population.rooms(4, 3), 0);
        assertThat(rooms.good()).as("%s", rooms).isTrue();
        assertThat(rooms.received()).isPositive().isEqualTo(rooms.expected());
        LoadResult open = run(Fault.NONE, Population.fanout(5, 2), 200);
        assertThat(open.good()).as("%s", open).isTrue();
        assertThat(open.measurement().messages).isPositive();
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "LOSES", "REDELIVERS", "FORGETS_RECEIPTS", "FORGETS_ACK"})
    void everyFaultIsNoticed(Fault fault) throws Exception {
        // Order is one publisher's; and another place to be in needs a second room.
        boolean rooms = fault == Fault.MISROUTES;
        Population population = rooms ? Population.rooms(4, 3) : Population.fanout(5, 1);
        LoadResult result = run(fault, population, 0);
        assertThat(result.good()).as("%s", result).isFalse();
        long counted =
                switch (fault) {
                    case DOUBLES -> result.doubled();
                    case SWAPS -> result.reordered();
                    case MISROUTES -> result.misrouted();
                    case DAMAGES -> result.bad();
                    case CLOSES, ANSWERS_ERROR -> result.failure() == null ? 0 : 1;
                    case NONE, LOSES, REDELIVERS, FORGETS_RECEIPTS, FORGETS_ACK -> 0;
                };
        assertThat(counted).as("%s", result).isPositive();
    }

    /// Open loop, since a closed one waits for what was lost, and says so only after ten seconds.
    @Test
    void lossIsNoticed() throws Exception {
        LoadResult result = run(Fault.LOSES, Population.fanout(5, 1), 300);
        assertThat(result.good()).isFalse();
        assertThat(result.lost()).isPositive();
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
                                        "alone",
                                        "--url",
                                        server.url().toString(),
                                        "--conns",
                                        "5",
                                        "--warm",
                                        "0",
                                        "--secs",
                                        "0.3");
                assertThat(status).as("%s", out).isEqualTo(fault == Fault.NONE ? 0 : 1);
                assertThat(out.toString())
                        .contains("RESULT {\"label\":\"\",\"mode\":\"alone\"")
                        .contains(fault == Fault.NONE ? "\"ok\":true" : "\"ok\":false");
            }
        }
    }

    @Test
    void idleConnectionsAreOpenedInSteps() throws Exception {
        try (FaultyServer server = new FaultyServer(Fault.NONE)) {
            StringWriter out = new StringWriter();
            int status =
                    new CommandLine(new BenchCommand())
                            .setOut(new PrintWriter(out))
                            .execute(
                                    "idle",
                                    "--url",
                                    server.url().toString(),
                                    "--steps",
                                    "5,20",
                                    "--hold",
                                    "0.1");
            assertThat(status).as("%s", out).isZero();
            assertThat(out.toString()).contains("between 5 and 20 connections");
        }
    }
}
