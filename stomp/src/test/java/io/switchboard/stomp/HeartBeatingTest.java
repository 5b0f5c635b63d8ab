package io.switchboard.stomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Section F of the statements.
class HeartBeatingTest {

    private static long millis(long count) {
        return TimeUnit.MILLISECONDS.toNanos(count);
    }

    @Nested
    class Header {

        @Test
        void f01TwoWholeNumbersWithOneComma() {
            assertThat(HeartBeat.parse("1000,2000")).isEqualTo(new HeartBeat(1000, 2000));
            assertThat(HeartBeat.parse("0,0")).isEqualTo(HeartBeat.NONE);
            assertThat(HeartBeat.parse("2147483647,1"))
                    .isEqualTo(new HeartBeat(Integer.MAX_VALUE, 1));
        }

        @Test
        void f02AndF03FirstIsWhatItsSenderSendsSecondWhatItWants() {
            HeartBeat heartBeat = HeartBeat.parse("10,20");

            assertThat(heartBeat).isNotNull();
            assertThat(heartBeat.outgoingMillis()).isEqualTo(10);
            assertThat(heartBeat.incomingMillis()).isEqualTo(20);
            assertThat(heartBeat.text()).isEqualTo("10,20");
        }

        @Test
        void f04NoHeaderIsNone() {
            assertThat(HeartBeat.parse(null)).isEqualTo(new HeartBeat(0, 0));
        }

        @ParameterizedTest
        @CsvSource({
            // client's "cx,cy", server's "sx,sy", client to server, server to client
            "0, 0, 0, 0, 0, 0",
            "5, 7, 0, 0, 0, 0",
            "0, 7, 3, 4, 0, 7",
            "5, 0, 3, 4, 5, 0",
            "5, 7, 0, 4, 5, 0",
            "5, 7, 9, 0, 0, 9",
            "5, 7, 9, 4, 5, 9",
            "5, 7, 3, 8, 8, 7",
            "5, 5, 5, 5, 5, 5"
        })
        void f05PeriodIsTheLargerOfPromiseAndWishOrNone(
                int cx, int cy, int sx, int sy, int toServer, int toClient) {
            HeartBeat client = new HeartBeat(cx, cy);
            HeartBeat server = new HeartBeat(sx, sy);

            assertThat(client.outgoingPeriodMillis(server)).isEqualTo(toServer);
            assertThat(server.incomingPeriodMillis(client)).isEqualTo(toServer);
            assertThat(server.outgoingPeriodMillis(client)).isEqualTo(toClient);
            assertThat(client.incomingPeriodMillis(server)).isEqualTo(toClient);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    ",",
                    "0",
                    "1000",
                    "a,b",
                    "-1,0",
                    "0,-1",
                    "1,2,3",
                    "1000:1000",
                    "1,",
                    ",1",
                    "+1,1",
                    "1.5,1",
                    "2147483648,0",
                    "0,99999999999999999999",
                    "1 0,1",
                    "٣,٣"
                })
        void f12BadValueIsToldFromNone(String header) {
            assertThat(HeartBeat.parse(header)).isNull();
        }

        @Test
        void q33SpacesAroundTheNumbersAreLetThrough() {
            assertThat(HeartBeat.parse(" 10 , 20 ")).isEqualTo(new HeartBeat(10, 20));
        }

        @Test
        void negativePeriodIsAMistakeOfOurs() {
            assertThatThrownBy(() -> new HeartBeat(-1, 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    /// The clock starts near the end of the range, where the sum of two times overflows.
    @Nested
    class Clock {

        private final long start = Long.MAX_VALUE - millis(500);
        private final StompConnection connection = StompConnection.server(StompLimits.DEFAULT);

        private void agree(long outgoingMillis, long incomingMillis) {
            connection.version(StompVersion.V1_2);
            connection.heartbeats(millis(outgoingMillis), millis(incomingMillis), start);
        }

        @Test
        void f06AndQ34HeartbeatIsDueAtHalfThePromisedPeriod() {
            agree(1000, 0);

            assertThat(connection.deadlineNanos() - start).isEqualTo(millis(500));
            assertThat(connection.onDeadline(start + millis(500) - 1))
                    .isEqualTo(StompEvent.NOTHING_DUE);
            assertThat(connection.onDeadline(start + millis(500)))
                    .isEqualTo(StompEvent.HEARTBEAT_DUE);
        }

        @Test
        void f06SentBytesPutTheHeartbeatOff() {
            agree(1000, 0);
            connection.sent(start + millis(400));

            assertThat(connection.deadlineNanos() - start).isEqualTo(millis(900));
            assertThat(connection.onDeadline(start + millis(500)))
                    .isEqualTo(StompEvent.NOTHING_DUE);
        }

        @Test
        void f06BlockedSocketDoesNotMakeABusyLoop() {
            agree(1000, 0);
            connection.onDeadline(start + millis(700));

            assertThat(connection.deadlineNanos() - start).isEqualTo(millis(1200));
        }

        @Test
        void f09AndF10PeerIsOverdueAfterTwoMissedPeriodsAndSilentAfterThree() {
            agree(0, 1000);

            assertThat(connection.deadlineNanos() - start).isEqualTo(millis(2000));
            assertThat(connection.onDeadline(start + millis(2000) - 1))
                    .isEqualTo(StompEvent.NOTHING_DUE);
            assertThat(connection.onDeadline(start + millis(2000)))
                    .isEqualTo(StompEvent.PEER_OVERDUE);
            assertThat(connection.deadlineNanos() - start).isEqualTo(millis(3000));
            assertThat(connection.onDeadline(start + millis(3000) - 1))
                    .isEqualTo(StompEvent.NOTHING_DUE);
            assertThat(connection.onDeadline(start + millis(3000)))
                    .isEqualTo(new StompEvent.PeerSilent(millis(3000)));
        }

        /// Whose deadlines are late, as after a pause of the whole process, has not listened.
        @Test
        void f10PeerHasAPeriodToAnswerHoweverLateItIsFoundOverdue() {
            agree(0, 1000);

            assertThat(connection.onDeadline(start + millis(9000)))
                    .isEqualTo(StompEvent.PEER_OVERDUE);
            assertThat(connection.onDeadline(start + millis(9999)))
                    .isEqualTo(StompEvent.NOTHING_DUE);
            assertThat(connection.onDeadline(start + millis(10_000)))
                    .isEqualTo(new StompEvent.PeerSilent(millis(10_000)));
        }

        @Test
        void f10PeerThatAnswersEachTimeItIsAskedIsNeverSilent() {
            agree(0, 1000);
            for (int i = 1; i <= 50; i++) {
                long overdue = start + i * millis(2000);
                assertThat(connection.onDeadline(overdue)).isEqualTo(StompEvent.PEER_OVERDUE);
                connection.heard(overdue);
                // Known already.
                connection.heard(overdue - millis(1500));
            }
        }

        @Test
        void f09SilenceIsToldOnce() {
            agree(0, 1000);
            connection.onDeadline(start + millis(2000));
            connection.onDeadline(start + millis(3000));

            assertThat(connection.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
            assertThat(connection.onDeadline(start + millis(9000)))
                    .isEqualTo(StompEvent.NOTHING_DUE);
        }

        @Test
        void f11AnyOctetIsALifeSignPartOfAFrameToo() {
            agree(0, 1000);
            connection.receive(ByteBuffer.wrap(new byte[] {'S'}), start + millis(2900));

            assertThat(connection.next()).isEqualTo(StompEvent.NEED_BYTES);
            assertThat(connection.onDeadline(start + millis(3000)))
                    .isEqualTo(StompEvent.NOTHING_DUE);
            assertThat(connection.deadlineNanos() - start).isEqualTo(millis(4900));
        }

        @Test
        void f11NoOctetIsNoLifeSign() {
            agree(0, 1000);
            connection.receive(ByteBuffer.allocate(0), start + millis(2900));

            assertThat(connection.onDeadline(start + millis(3000)))
                    .isEqualTo(StompEvent.PEER_OVERDUE);
        }

        @Test
        void f10PeerThatWasNotListenedToIsNotSilent() {
            connection.heard(start);
            agree(0, 1000);
            connection.heard(start + millis(2900));

            assertThat(connection.onDeadline(start + millis(3000)))
                    .isEqualTo(StompEvent.NOTHING_DUE);
            assertThat(connection.deadlineNanos() - start).isEqualTo(millis(4900));
        }

        @Test
        void bothWaysTheEarlierDeadlineCounts() {
            agree(1000, 100);
            assertThat(connection.deadlineNanos() - start).isEqualTo(millis(200));

            agree(100, 1000);
            assertThat(connection.deadlineNanos() - start).isEqualTo(millis(50));
        }

        @Test
        void withoutAgreementNothingIsEverDue() {
            assertThat(connection.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
            agree(0, 0);
            assertThat(connection.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
            assertThat(connection.onDeadline(start)).isEqualTo(StompEvent.NOTHING_DUE);
        }

        @Test
        void f13A10SessionHasNoHeartbeats() {
            connection.version(StompVersion.V1_0);
            connection.heartbeats(millis(10), millis(10), start);

            assertThat(connection.deadlineNanos()).isEqualTo(Long.MAX_VALUE);
        }

        @Test
        void clockDoesNotStartBeforeTheVersionIsSettled() {
            assertThatThrownBy(() -> connection.heartbeats(1, 1, start))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("cannot start heart-beats before the version is settled");
        }

        @Test
        void negativePeriodIsRefused() {
            connection.version(StompVersion.V1_2);
            assertThatThrownBy(() -> connection.heartbeats(-1, 0, start))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class OnTheWire {

        @ParameterizedTest
        @EnumSource(names = {"V1_1", "V1_2"})
        void f07AndF08LineEndAloneIsAHeartbeat(StompVersion version) {
            assertThat(Wire.client(version).receive("\n").events)
                    .containsExactly(StompEvent.HEARTBEAT_RECEIVED);
            assertThat(Wire.client(version).receive("\r\n").events)
                    .containsExactly(StompEvent.HEARTBEAT_RECEIVED);
        }

        /// Both ends on one clock that jumps to the next deadline.
        @Test
        void f06ToF11TwoIdleEndsKeepEachOtherAlive() {
            HeartBeat clients = new HeartBeat(300, 500);
            HeartBeat servers = new HeartBeat(400, 200);
            StompConnection client = StompConnection.client(StompLimits.DEFAULT);
            StompConnection server = StompConnection.server(StompLimits.DEFAULT);
            long now = 0;
            for (StompConnection end : new StompConnection[] {client, server}) {
                HeartBeat own = end == client ? clients : servers;
                HeartBeat peer = end == client ? servers : clients;
                end.version(StompVersion.V1_2);
                end.heartbeats(
                        millis(own.outgoingPeriodMillis(peer)),
                        millis(own.incomingPeriodMillis(peer)),
                        now);
            }
            int beats = 0;
            while (now < millis(10_000)) {
                boolean clientFirst = client.deadlineNanos() <= server.deadlineNanos();
                StompConnection due = clientFirst ? client : server;
                now = due.deadlineNanos();
                assertThat(due.onDeadline(now)).isEqualTo(StompEvent.HEARTBEAT_DUE);
                due.sent(now);
                StompConnection other = clientFirst ? server : client;
                other.receive(ByteBuffer.wrap(new byte[] {'\n'}), now);
                assertThat(other.next()).isEqualTo(StompEvent.HEARTBEAT_RECEIVED);
                assertThat(other.next()).isEqualTo(StompEvent.NEED_BYTES);
                beats++;
            }
            // 300 ms one way and 500 ms the other: a beat each 150 ms and each 250 ms.
            assertThat(beats)
                    .isBetween(10_000 / 150 + 10_000 / 250, 10_000 / 150 + 10_000 / 250 + 2);
        }
    }
}
