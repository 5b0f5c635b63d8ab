package io.switchboard.gateway;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How clients of other brokers call destinations, and what that is here. docs/compatibility.md
/// shows the table.
final class Destinations {
    private static final String TOPIC = "/topic/";
    private static final String QUEUE = "/queue/";

    private Destinations() {}

    /// @param prefix what the name begins with
    /// @param canonical what stands in its place here; null if it is refused
    /// @param says why
    record Alias(String prefix, String of, @Nullable String canonical, String says) {
        String line() {
            String answer = canonical == null ? "refused" : "`" + canonical + "…`";
            return "| `" + prefix + "…` | " + of + " | " + answer + " | " + says + " |";
        }
    }

    /// The first that fits counts.
    static final List<Alias> ALIASES =
            List.of(
                    new Alias("/amq/queue/", "RabbitMQ", QUEUE, "a queue, whoever declared it"),
                    new Alias(
                            "/exchange/amq.topic/",
                            "RabbitMQ",
                            TOPIC,
                            "what RabbitMQ's `/topic/…` is too"),
                    new Alias("/exchange/", "RabbitMQ", null, "there are no exchanges to bind to"),
                    new Alias(
                            "/reply-queue/",
                            "RabbitMQ",
                            null,
                            "the name to answer to is the `reply-to` of the request"),
                    new Alias(
                            "/remote-temp-queue/",
                            "ActiveMQ Classic",
                            null,
                            "the name to answer to is the `reply-to` of the request"),
                    new Alias(
                            "/temp-topic/",
                            "ActiveMQ Classic",
                            null,
                            "there are temporary queues only"),
                    new Alias(
                            "/remote-temp-topic/",
                            "ActiveMQ Classic",
                            null,
                            "there are temporary queues only"));

    /// A destination under its name here.
    ///
    /// @param spelling how the client calls it; null where that is the same
    record Place(String name, @Nullable Spelling spelling) {
        boolean queue() {
            return name.startsWith("/queue") || name.startsWith("/temp-queue");
        }
    }

    /// What the text means, whether or not it is a legal name; that is the broker's to judge.
    ///
    /// @param type `destination-type` or `subscription-type`, or null
    static Place read(HeaderValue destination, @Nullable HeaderValue type) {
        String text = destination.value();
        if (text.indexOf(',') >= 0) {
            refuseList(destination);
        }
        if (type != null) {
            return typed(destination, type);
        }
        for (Alias alias : ALIASES) {
            if (text.startsWith(alias.prefix)) {
                if (alias.canonical == null) {
                    throw destination.unsupported(alias.says);
                }
                return new Place(
                        alias.canonical + text.substring(alias.prefix.length()),
                        new Spelling(alias.canonical, alias.prefix));
            }
        }
        return new Place(text, null);
    }

    /// An address of Artemis: plain, with its kind in a header.
    private static Place typed(HeaderValue destination, HeaderValue type) {
        String root =
                switch (type.value()) {
                    case "ANYCAST" -> QUEUE;
                    case "MULTICAST" -> TOPIC;
                    default -> throw type.bad("ANYCAST or MULTICAST");
                };
        if (destination.value().contains("::")) {
            throw destination.unsupported("an address has no queues of its own to name behind ::");
        }
        if (!destination.value().startsWith("/")) {
            return new Place(root + destination.value(), new Spelling(root, ""));
        }
        Place place = read(destination, null);
        if (place.queue() != root.equals(QUEUE)) {
            throw type.unsupported(destination.value() + " is of the other kind");
        }
        return place;
    }

    /// A comma in a name is a character like others, unless a further destination follows.
    private static void refuseList(HeaderValue destination) {
        String text = destination.value();
        for (int at = text.indexOf(','); at >= 0; at = text.indexOf(',', at + 1)) {
            String rest = text.substring(at + 1).stripLeading();
            if (rest.startsWith("/") || rest.startsWith("queue:") || rest.startsWith("topic:")) {
                throw destination.unsupported("name each destination in a frame of its own");
            }
        }
    }
}
