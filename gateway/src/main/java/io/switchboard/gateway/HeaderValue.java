package io.switchboard.gateway;

import io.switchboard.broker.Disconnect;

/// A header that has a meaning for the broker, read strictly: what it must not be is refused, with
/// its name, what was expected and what came.
record HeaderValue(String name, String value) {

    boolean flag() {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw bad("true or false");
        };
    }

    /// Digits alone, with a minus in front only where less than zero is allowed.
    long whole(long min, long max) {
        String expected =
                max == Long.MAX_VALUE
                        ? "a whole number, " + min + " at least"
                        : "a whole number from " + min + " to " + max;
        long number = 0;
        try {
            number = Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw bad(expected);
        }
        if (number < min || number > max || !digitsAlone(min < 0)) {
            throw bad(expected);
        }
        return number;
    }

    /// `parseLong` also takes a plus, and the digits of all scripts.
    private boolean digitsAlone(boolean orMinus) {
        int from = orMinus && value.startsWith("-") ? 1 : 0;
        return value.chars().skip(from).allMatch(it -> it >= '0' && it <= '9');
    }

    /// Not empty, and not longer than that.
    String text(int lengthMax) {
        if (value.isEmpty() || value.length() > lengthMax) {
            throw new RefusedFrame(
                    Disconnect.BAD_HEADER,
                    "expected "
                            + name
                            + " to have 1 to "
                            + lengthMax
                            + " characters but was "
                            + value.length());
        }
        return value;
    }

    RefusedFrame bad(String expected) {
        return new RefusedFrame(
                Disconnect.BAD_HEADER,
                "expected " + name + " to be " + expected + " but was " + value);
    }

    RefusedFrame unsupported(String why) {
        return new RefusedFrame(
                Disconnect.UNSUPPORTED, name + ":" + value + " is not supported: " + why);
    }
}
