package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.AccessRules.Decision;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a client with soft errors asks, sense or nonsense, and however late the access rules
/// answer: every receipt comes once, as a RECEIPT or in an ERROR, and the connection lives.
class EveryFrameIsAnsweredTest {
    private static final int HISTORIES = 60;
    private static final int FRAMES = 150;
    private static final List<String> DESTINATIONS =
            List.of(
                    "/topic/a",
                    "/topic/a.b",
                    "/topic/*",
                    "/queue/q",
                    "/amq/queue/q",
                    "/temp-queue/x",
                    "/temp-queue/y",
                    "/user/queue/u",
                    "/user/me/queue/u",
                    "/exchange/amq.topic/a",
                    "/exchange/e",
                    "/nowhere",
                    "q");
    private static final List<String> IDS = List.of("1", "2", "3", "/temp-queue/x");
    private static final List<String> MORE =
            List.of(
                    "priority:7",
                    "priority:x",
                    "ttl:5",
                    "delay:3",
                    "selector:a = 1",
                    "selector:(",
                    "prefetch-count:1",
                    "exclusive:true",
                    "browser:true",
                    "from:start",
                    "destination-type:ANYCAST",
                    "subscription-type:MULTICAST",
                    "reply-to:/temp-queue/x",
                    "reply-to:/temp-queue/y",
                    "reply-to:/temp-topic/x",
                    "requeue:false",
                    "JMSXGroupID:g");

    private final Random random = new Random();
    private final ArrayDeque<java.util.function.Consumer<Decision>> questions = new ArrayDeque<>();
    private final List<String> acks = new ArrayList<>();
    private final Map<String, Integer> answers = new HashMap<>();
    private final Set<String> asked = new HashSet<>();

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private String frame(String receipt) {
        StringBuilder frame = new StringBuilder();
        String command =
                any(
                        List.of(
                                "SEND",
                                "SEND",
                                "SEND",
                                "SUBSCRIBE",
                                "SUBSCRIBE",
                                "UNSUBSCRIBE",
                                "ACK",
                                "ACK",
                                "NACK",
                                "BEGIN",
                                "COMMIT",
                                "ABORT"));
        frame.append(command).append("\nreceipt:").append(receipt).append('\n');
        switch (command) {
            case "SEND" -> frame.append("destination:").append(any(DESTINATIONS)).append('\n');
            case "SUBSCRIBE" -> {
                frame.append("destination:").append(any(DESTINATIONS)).append('\n');
                frame.append("id:").append(any(IDS)).append("\nack:");
                frame.append(any(List.of("auto", "client", "client-individual", "no")))
                        .append('\n');
            }
            case "UNSUBSCRIBE" -> frame.append("id:").append(any(IDS)).append('\n');
            case "ACK", "NACK" ->
                    frame.append("id:").append(acks.isEmpty() ? "1-1" : any(acks)).append('\n');
            default -> {}
        }
        if (random.nextInt(4) == 0 || command.length() == 5 || command.length() == 6) {
            frame.append("transaction:").append(any(List.of("t", "u"))).append('\n');
        }
        if (random.nextInt(2) == 0) {
            frame.append(any(MORE)).append('\n');
        }
        return frame.append("\n^").toString();
    }

    private void read(Client client) {
        while (!client.nothingCame()) {
            StompFrame frame = client.next();
            String receipt = frame.headers().get("receipt-id");
            if (frame.command() == StompCommand.MESSAGE && frame.headers().contains("ack")) {
                acks.add(String.valueOf(frame.headers().get("ack")));
            } else if (receipt != null) {
                answers.merge(receipt, 1, Integer::sum);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void once(int shards) {
        AccessRules moody =
                (principal, action, destination, answer) -> {
                    if (action == AccessRules.Action.CONNECT || random.nextInt(4) > 0) {
                        return Decision.ALLOWED;
                    }
                    if (random.nextInt(4) == 0) {
                        return new Decision.Denied("not today");
                    }
                    questions.add(answer);
                    return Decision.PENDING;
                };
        for (int seed = 0; seed < HISTORIES; seed++) {
            random.setSeed(seed);
            questions.clear();
            acks.clear();
            answers.clear();
            asked.clear();
            Node node = new Node(shards, moody, BrokerLimits.DEFAULT);
            Client client = new Client(node).connect("login:me", "soft-errors:true");
            for (int i = 0; i < FRAMES; i++) {
                String receipt = "r" + i;
                asked.add(receipt);
                client.sendQuietly(frame(receipt), true);
                if (random.nextInt(3) > 0) {
                    node.settle();
                    read(client);
                }
                if (!questions.isEmpty() && random.nextBoolean()) {
                    Decision decision =
                            random.nextInt(3) == 0 ? new Decision.Denied("no") : Decision.ALLOWED;
                    questions.remove().accept(decision);
                }
            }
            node.settle();
            while (!questions.isEmpty()) {
                questions.remove().accept(Decision.ALLOWED);
                node.settle();
            }
            read(client);
            assertThat(client.closed).as("seed " + seed).isNull();
            assertThat(answers.keySet()).as("seed " + seed).isEqualTo(asked);
            assertThat(answers.values()).as("seed " + seed).containsOnly(1);
        }
    }
}
