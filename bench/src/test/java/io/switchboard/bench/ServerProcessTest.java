package io.switchboard.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ServerProcessTest {
    @Test
    @EnabledOnOs(OS.LINUX)
    void whoListensAtAPortIsFound() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            ServerProcess found =
                    ServerProcess.listeningAt(
                            new InetSocketAddress("127.0.0.1", listener.getLocalPort()));
            assertThat(found).isNotNull();
            assertThat(found.pid()).isEqualTo(ProcessHandle.current().pid());
            assertThat(found.cpuSeconds()).isPositive();
            assertThat(found.residentKib()).isGreaterThan(10_000);
        }
    }

    @Test
    void theHeapIsTheSumOfItsGenerationsWithoutMetaspace() {
        String serial =
                """
                4711:
                 DefNew     total 9216K, used 100K [0x0000000700000000, 0x0000000700a00000)
                  eden space 8192K,   1% used [0x0000000700000000, 0x0000000700010000)
                 Tenured    total 10240K, used 2000K [0x0000000780000000, 0x0000000780a00000)
                 Metaspace       used 9000K, committed 9100K, reserved 1114112K
                  class space    used 1000K, committed 1100K, reserved 1048576K
                """;
        assertThat(ServerProcess.usedKib(serial)).isEqualTo(OptionalLong.of(2100));
        String g1 =
                """
                 garbage-first heap   total reserved 6291456K, committed 397312K, used 3M [0x0]
                  region size 4096K, 1 young (4096K), 0 survivors (0K)
                 Metaspace       used 900K, committed 1088K, reserved 1114112K
                """;
        assertThat(ServerProcess.usedKib(g1)).isEqualTo(OptionalLong.of(3072));
        assertThat(ServerProcess.usedKib("no heap here")).isEmpty();
    }
}
