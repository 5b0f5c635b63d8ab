package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Disconnect;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients of other brokers are served as they are used to where we have what they ask for, and
/// refused by name where we have not.
class DialectTest {
    private final Node node = Node.local();
    private final Client client = new Client(node).connect();

    private StompFrame send(String destination, String... headers) {
        client.send(
                "SEND\ndestination:"
                        + destination
                        + "\nreceipt:r\n"
                        + String.join("\n", headers)
                        + "\n\nx^");
        return client.next();
    }

    private StompFrame subscribe(String destination, String... headers) {
        client.send(
                "SUBSCRIBE\nid:s\ndestination:"
                        + destination
                        + "\nreceipt:r\n"
                        + (headers.length == 0 ? "" : String.join("\n", headers) + "\n")
                        + "\n^");
        return client.next();
    }

    private void assertRefused(StompFrame answer, String text) {
        assertThat(answer.headers().get("message")).isEqualTo(Disconnect.UNSUPPORTED.text());
        assertThat(answer.headers().get("receipt-id")).isEqualTo("r");
        assertThat(Client.body(answer)).startsWith(text + " is not supported: ");
        assertThat(client.closed).isEqualTo(Disconnect.UNSUPPORTED);
    }

    private static void assertDone(StompFrame answer) {
        assertThat(answer.command()).as(Client.body(answer)).isEqualTo(StompCommand.RECEIPT);
    }

    @Nested
    class Page {
        private static final Path PAGE = Path.of("..", "docs", "compatibility.md");

        /// The rows of all tables of the page, without their heads.
        private static List<String> rows() throws Exception {
            return Files.readString(PAGE).lines().filter(line -> line.startsWith("| `")).toList();
        }

        @Test
        void thePageSaysWhatTheCodeDoes() throws Exception {
            List<String> rows = new ArrayList<>();
            Destinations.ALIASES.forEach(alias -> rows.add(alias.line()));
            Dialect.SEND.forEach(row -> rows.add(row.line()));
            Dialect.SUBSCRIBE.forEach(row -> rows.add(row.line()));
            assertThat(rows()).isEqualTo(rows);
        }
    }

    @Nested
    class Headers {
        static Stream<DialectRow<SendFrame>> refusedOfSend() {
            return Dialect.SEND.stream().filter(row -> !row.taken());
        }

        static Stream<DialectRow<SubscribeWishes>> refusedOfSubscribe() {
            return Dialect.SUBSCRIBE.stream().filter(row -> !row.taken());
        }

        @ParameterizedTest
        @MethodSource("refusedOfSend")
        void whatWeHaveNotIsRefusedByNameOnSend(DialectRow<SendFrame> row) {
            for (String harmless : row.onQueue()) {
                assertDone(send("/queue/q", row.header() + ":" + harmless));
            }
            assertRefused(send("/queue/q", row.header() + ":wish"), row.header() + ":wish");
        }

        @ParameterizedTest
        @MethodSource("refusedOfSubscribe")
        void whatWeHaveNotIsRefusedByNameOnSubscribe(DialectRow<SubscribeWishes> row) {
            for (String harmless : row.onQueue()) {
                assertDone(subscribe("/queue/q", row.header() + ":" + harmless));
                client.send("UNSUBSCRIBE\nid:s\n\n^");
            }
            for (String harmless : row.onTopic()) {
                assertDone(subscribe("/topic/t", row.header() + ":" + harmless));
                client.send("UNSUBSCRIBE\nid:s\n\n^");
            }
            assertRefused(subscribe("/queue/q", row.header() + ":wish"), row.header() + ":wish");
        }

        @Test
        void anUnknownFieldOfActiveMqIsRefusedToo() {
            assertRefused(
                    subscribe("/queue/q", "activemq.maximumPendingMessageLimit:5"),
                    "activemq.maximumPendingMessageLimit:5");
        }

        @Test
        void aClientIdAloneAsksForNothing() {
            Client named = new Client(node).connect("client-id:c");
            named.send("SUBSCRIBE\nid:s\ndestination:/topic/t\nreceipt:r\n\n^");
            assertDone(named.next());
        }

        @Test
        void aSpanIsNeverTakenForAMoment() {
            send("/queue/q", "expiration:60000");
            send("/queue/q", "expires:60000");
            assertDone(subscribe("/topic/other"));
            client.send("SUBSCRIBE\nid:q\ndestination:/queue/q\n\n^");
            assertThat(client.message().headers().get("expiration")).isEqualTo("60000");
            assertThat(client.nothingCame()).as("a moment in 1970 is over").isTrue();
        }
    }

    @Nested
    class Names {
        @ParameterizedTest
        @CsvSource({
            "/amq/queue/orders, /queue/orders",
            "/exchange/amq.topic/news.sport, /topic/news.sport"
        })
        void Q47_anAliasAndTheNameHereAreOneDestination(String alias, String name) {
            assertDone(subscribe(alias));
            Client here = new Client(node).connect();
            here.send("SEND\ndestination:" + name + "\n\nx^");
            assertThat(client.message().headers().get("destination"))
                    .as("what the subscriber calls it")
                    .isEqualTo(alias);
            client.send("UNSUBSCRIBE\nid:s\n\n^");
            here.send("SUBSCRIBE\nid:s\ndestination:" + name + "\n\n^");
            send(alias);
            assertThat(here.message().headers().get("destination")).isEqualTo(name);
        }

        @Test
        void Q47_ofAPatternEachMessageNamesItsOwn() {
            assertDone(subscribe("/exchange/amq.topic/news.#"));
            Client here = new Client(node).connect();
            here.send("SEND\ndestination:/topic/news.sport\n\nx^");
            assertThat(client.message().headers().get("destination"))
                    .isEqualTo("/exchange/amq.topic/news.sport");
        }

        @ParameterizedTest
        @CsvSource({"ANYCAST, /queue/orders", "MULTICAST, /topic/orders"})
        void anAddressOfArtemisHasItsKindInAHeader(String type, String name) {
            assertDone(subscribe("orders", "subscription-type:" + type));
            Client artemis = new Client(node).connect();
            artemis.send("SEND\ndestination:orders\ndestination-type:" + type + "\n\nx^");
            artemis.send("SEND\ndestination:" + name + "\n\ny^");
            StompFrame message = client.message();
            assertThat(message.headers().get("destination")).isEqualTo("orders");
            assertThat(message.headers().get("destination-type")).isEqualTo(type);
            assertThat(client.message().headers().get("destination")).isEqualTo("orders");
        }

        @Test
        void thePlainAddressWithoutAKindIsNone() {
            send("orders");
            assertThat(client.closed).isEqualTo(Disconnect.BAD_DESTINATION);
        }

        @ParameterizedTest
        @CsvSource({
            "/topic/t, ANYCAST",
            "/user/bob/queue/x, ANYCAST",
            "/queue/q, MULTICAST",
            "/temp-queue/q, MULTICAST"
        })
        void theKindMustBeThatOfTheName(String destination, String type) {
            assertRefused(
                    send(destination, "destination-type:" + type), "destination-type:" + type);
        }

        @Test
        void theKindMayBeThatOfTheName() {
            assertDone(send("/queue/q", "destination-type:ANYCAST"));
            assertDone(send("/amq/queue/q", "destination-type:ANYCAST"));
            assertDone(send("/topic/t", "destination-type:MULTICAST"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/exchange/amq.direct/q",
                    "/exchange/amq.topic",
                    "/exchange/logs",
                    "/reply-queue/amq.gen-1",
                    "/remote-temp-queue/ID:1",
                    "/temp-topic/t",
                    "/remote-temp-topic/t",
                    "/queue/a,/queue/b",
                    "/queue/a, /topic/b",
                    "/queue/a,topic://b"
                })
        void whatWeHaveNotIsRefusedByName(String destination) {
            assertRefused(send(destination), "destination:" + destination);
            Client other = new Client(node).connect();
            other.send("SUBSCRIBE\nid:s\ndestination:" + destination + "\n\n^");
            other.refused(Disconnect.UNSUPPORTED);
        }

        @Test
        void aQueueOfAnAddressIsRefused() {
            assertRefused(send("orders::eu", "destination-type:ANYCAST"), "destination:orders::eu");
        }

        @Test
        void aCommaAloneIsACharacter() {
            assertDone(send("/topic/at.52,13"));
        }

        @Test
        void a1_0SubscriptionIsEndedByTheNameThatItsClientUsed() {
            Client old = new Client(node).connectAs("1.0");
            old.send("SUBSCRIBE\ndestination:/amq/queue/q\n\n^");
            old.send("UNSUBSCRIBE\ndestination:/amq/queue/q\nreceipt:r\n\n^");
            assertDone(old.next());
        }
    }
}
