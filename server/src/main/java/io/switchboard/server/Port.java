package io.switchboard.server;

/// Where a listener listens: a number, one that the system picks, or nowhere.
public record Port(boolean on, int number) {
    /// Whichever is free.
    public static final Port FREE = new Port(true, 0);

    /// The listener does not exist.
    public static final Port OFF = new Port(false, 0);

    public Port {
        if (number < 0 || number > 65_535) {
            throw new IllegalArgumentException("expected 0 to 65535 but was " + number);
        }
        if (!on && number != 0) {
            throw new IllegalArgumentException("a listener that is off has no port " + number);
        }
    }

    public static Port of(int number) {
        return new Port(true, number);
    }

    /// As the configuration spells it.
    public String text() {
        return on ? Integer.toString(number) : "off";
    }
}
