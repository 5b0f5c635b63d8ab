package io.switchboard.server.config;

import io.switchboard.server.Port;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What stands behind a key, as text, and its reading as this or that. Each reading throws
/// [BadValue] with what it expected.
record Value(List<String> texts) {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})(B|KiB|MiB|GiB)?");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,2})%");

    static Value of(String text) {
        return new Value(List.of(text));
    }

    String text() {
        return String.join(",", texts);
    }

    Port port() {
        String text = text();
        if (text.equals("off")) {
            return Port.OFF;
        }
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
            throw new BadValue("a port (1 to 65535), 0 for a free one, or off", text);
        }
        return Port.of(Integer.parseInt(text));
    }

    InetAddress address() {
        try {
            if (!text().isEmpty()) {
                return InetAddress.getByName(text());
            }
        } catch (UnknownHostException e) {
            // Says the same for whatever was wrong.
        }
        throw new BadValue("an address of this machine, like 127.0.0.1, 0.0.0.0 or ::", text());
    }

    int count(int least, int most) {
        String text = text();
        if (text.matches("[0-9]{1,10}")) {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return (int) number;
            }
        }
        throw new BadValue("a whole number from " + least + " to " + most, text);
    }

    /// A count, or `auto`, which is read as the given number.
    int countOrAuto(int least, int most, int auto) {
        if (text().equals("auto")) {
            return auto;
        }
        try {
            return count(least, most);
        } catch (BadValue e) {
            throw new BadValue(
                    "a whole number from " + least + " to " + most + ", or auto", text());
        }
    }

    /// A count from 1 on, or `off`, which is read as 0.
    int countOrOff(int most) {
        if (text().equals("off")) {
            return 0;
        }
        try {
            return count(1, most);
        } catch (BadValue e) {
            throw new BadValue("a whole number from 1 to " + most + ", or off", text());
        }
    }

    /// Bytes, or `off`, which is read as 0.
    long sizeOrOff(long most) {
        if (text().equals("off")) {
            return 0;
        }
        try {
            return size(most);
        } catch (BadValue e) {
            throw new BadValue("a size like 64KiB, or off", text());
        }
    }

    /// Bytes that fit an array.
    int length() {
        return (int) size(Integer.MAX_VALUE - 64);
    }

    /// Bytes.
    long size(long most) {
        Matcher matcher = SIZE.matcher(text());
        if (matcher.matches()) {
            long unit =
                    switch (matcher.group(2)) {
                        case "KiB" -> 1L << 10;
                        case "MiB" -> 1L << 20;
                        case "GiB" -> 1L << 30;
                        case null, default -> 1;
                    };
            long number = Long.parseLong(matcher.group(1));
            if (number >= 1 && number <= most / unit) {
                return number * unit;
            }
        }
        throw new BadValue("a size from 1B to " + largest(most) + ", like 64KiB or 1MiB", text());
    }

    /// Bytes, or a share of the heap: `25%`.
    long sizeOrShare(long most, long heap) {
        Matcher matcher = PERCENT.matcher(text());
        if (matcher.matches() && Integer.parseInt(matcher.group(1)) > 0) {
            return heap / 100 * Integer.parseInt(matcher.group(1));
        }
        try {
            return size(most);
        } catch (BadValue e) {
            throw new BadValue("a size like 256MiB, or a share of the heap from 1% to 99%", text());
        }
    }

    private static String largest(long most) {
        return most >= 1L << 30 ? (most >> 30) + "GiB" : (most >> 20) + "MiB";
    }

    Duration duration() {
        return duration(DAY);
    }

    Duration duration(Duration most) {
        Matcher matcher = DURATION.matcher(text());
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            Duration duration =
                    switch (matcher.group(2)) {
                        case "ms" -> Duration.ofMillis(number);
                        case "s" -> Duration.ofSeconds(number);
                        case "m" -> Duration.ofMinutes(number);
                        default -> Duration.ofHours(number);
                    };
            if (!duration.isZero() && duration.compareTo(most) <= 0) {
                return duration;
            }
        }
        throw new BadValue(
                "a time from 1ms to " + most.toHours() + "h, like 500ms, 10s or 5m", text());
    }

    /// A duration, or `off`, which is read as zero.
    Duration durationOrOff() {
        return durationOrOff(DAY);
    }

    Duration durationOrOff(Duration most) {
        if (text().equals("off")) {
            return Duration.ZERO;
        }
        try {
            return duration(most);
        } catch (BadValue e) {
            throw new BadValue(
                    "a time from 1ms to " + most.toHours() + "h, like 10s, or off", text());
        }
    }

    boolean onOrOff() {
        return switch (text()) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new BadValue("on or off", text());
        };
    }

    Path path() {
        try {
            if (!text().isEmpty()) {
                return Path.of(text());
            }
        } catch (InvalidPathException e) {
            // Says the same for whatever was wrong.
        }
        throw new BadValue("the name of a file or directory", text());
    }

    /// One of the words that an enumeration has for the configuration.
    <T> T word(T[] all, Function<T, String> spelling) {
        for (T each : all) {
            if (spelling.apply(each).equals(text())) {
                return each;
            }
        }
        throw new BadValue(
                "one of " + String.join(", ", List.of(all).stream().map(spelling).toList()),
                text());
    }

    /// The texts, each of which a check has let through.
    List<String> each(Consumer<String> check) {
        for (String text : texts) {
            try {
                check.accept(text);
            } catch (IllegalArgumentException e) {
                String expected = String.valueOf(e.getMessage()).replaceFirst("^expected ", "");
                throw new BadValue(expected, text);
            }
        }
        return texts;
    }
}
