package io.switchboard.gateway;

import io.switchboard.broker.From;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a SUBSCRIBE begins, as its header says it.
final class FromHeader {
    private static final Pattern SPAN = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final String EXPECTED =
            "now, start, last=50, age=10m (ms, s, m or h), after= and a message id, or state";

    private FromHeader() {}

    static From read(HeaderValue header) {
        String value = header.value();
        int equals = value.indexOf('=');
        String argument = value.substring(equals + 1);
        return switch (equals < 0 ? value : value.substring(0, equals + 1)) {
            case "now" -> From.NOW;
            case "start" -> From.START;
            case "state" -> new From.State();
            case "last=" -> new From.Last(count(header, argument));
            case "age=" -> new From.Age(millis(header, argument));
            case "after=" -> after(header, argument);
            default -> throw header.bad(EXPECTED);
        };
    }

    private static int count(HeaderValue header, String text) {
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) == 0) {
            throw header.bad("last= and a whole number from 1 to 999999999");
        }
        return Integer.parseInt(text);
    }

    private static long millis(HeaderValue header, String text) {
        Matcher matcher = SPAN.matcher(text);
        if (!matcher.matches()) {
            throw header.bad("age= and a time, like 500ms, 30s, 10m or 24h");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> number;
            case "s" -> number * 1_000;
            case "m" -> number * 60_000;
            default -> number * 3_600_000;
        };
    }

    private static From after(HeaderValue header, String text) {
        From.After after = From.After.message(text);
        if (after == null) {
            throw header.bad("after= and the message-id of a MESSAGE");
        }
        return after;
    }

    /// As RabbitMQ's clients ask for the past of a stream: its beginning is our start.
    static From ofStream(HeaderValue offset) {
        return switch (offset.value()) {
            case "next" -> From.NOW;
            case "first" -> From.START;
            default ->
                    throw offset.unsupported(
                            "messages have ids, not offsets; from:last=50, from:age=10m and"
                                    + " from:after= go on from elsewhere than first and next");
        };
    }
}
