package io.switchboard.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.ClientLimits;
import io.switchboard.server.ServerLimits;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Hostile clients of all kinds at once, in a process of their own: some hundred in every build, by
/// hand as many as the limit of open files allows (`-Dhostile.count=18000 -Dhostile.seconds=60`).
class HostileCrowdTest {
    /// What waits for those who do not read is encoded once for all, and the rest of their bounds.
    private static final long OUTBOUND = 16L << 20;

    private static final int COUNT = Integer.getInteger("hostile.count", 400);
    private static final int SECONDS = Integer.getInteger("hostile.seconds", 6);
    private static final long INBOUND = COUNT * (10L << 10);

    /// What a connection that does not read may have with its socket, and what one costs besides.
    private static final long OF_A_CONNECTION = 64L << 10;

    @Test
    @Timeout(900)
    void holdNoMoreThanTheBudgetsAndKeepNobodyFromBeingServed() throws Exception {
        ServerLimits limits =
                ServerLimits.DEFAULT.withClients(ClientLimits.DEFAULT.withInboundBytes(INBOUND));
        try (HostileCrowd crowd = new HostileCrowd(limits)) {
            List<HostileCrowd.Look> looks = crowd.attack(COUNT, Duration.ofSeconds(SECONDS));

            looks.forEach(look -> System.out.println(look.line()));
            HostileCrowd.Look before = looks.getFirst();
            long most = INBOUND + OUTBOUND + COUNT * OF_A_CONNECTION;
            assertThat(looks)
                    .allSatisfy(look -> {
                        assertThat(look.heapBytes() - before.heapBytes())
                                .as(look.line())
                                .isLessThan(most);
                        assertThat(look.directBytes() - before.directBytes())
                                .as(look.line())
                                .isLessThan(most);
                    });
            assertThat(looks.subList(1, looks.size()))
                    .allSatisfy(look -> assertThat(look.echoes()).as(look.line()).isPositive());
            assertThat(looks.get(1).connections()).isGreaterThan(COUNT / 2);
            HostileCrowd.Look after = looks.getLast();
            assertThat(after.connections()).isEqualTo(1);
            assertThat(after.heapBytes() - before.heapBytes()).isLessThan(16L << 20);
            assertThat(after.directBytes() - before.directBytes()).isLessThan(16L << 20);
        }
    }
}
