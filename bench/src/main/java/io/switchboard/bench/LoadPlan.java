package io.switchboard.bench;

/// What a run does.
///
/// @param window messages in flight in all; not used with a rate
/// @param rate messages a second in all, due at fixed times whatever the server does; 0 for as fast
///   as the window allows
/// @param ownTurn who has published a message publishes the next when it is done; else all
///   publishers take turns
/// @param stallSeconds without a delivery while some are due: then the run has failed
record LoadPlan(
        String mode,
        Population population,
        int bodyLength,
        int window,
        double rate,
        boolean ownTurn,
        double warmSeconds,
        double measureSeconds,
        double stallSeconds) {

    static final double STALL_SECONDS = 10;

    private static final int BODY_LENGTH_MAX = 1 << 20;

    LoadPlan {
        checkLengths(bodyLength, warmSeconds, measureSeconds);
        if (population.publisherCount < 1 || population.subscriberCount() < 1) {
            throw new IllegalArgumentException(
                    "expected at least one publisher and one subscriber");
        }
        if (population.publisherCount >= Crowd.PROBE) {
            throw new IllegalArgumentException("too many publishers");
        }
        if (rate == 0 && window < 1) {
            throw new IllegalArgumentException("expected a window of at least 1");
        }
        if (rate < 0) {
            throw new IllegalArgumentException("expected a rate of 0 or more");
        }
    }

    static void checkLengths(int bodyLength, double warmSeconds, double measureSeconds) {
        checkBody(bodyLength);
        if (warmSeconds < 0 || measureSeconds <= 0) {
            throw new IllegalArgumentException(
                    "expected a warm-up of 0 seconds or more, and a time to measure");
        }
    }

    static void checkBody(int bodyLength) {
        if (bodyLength < Stamp.LENGTH || bodyLength > BODY_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "expected a body of "
                            + Stamp.LENGTH
                            + " to "
                            + BODY_LENGTH_MAX
                            + " bytes but was "
                            + bodyLength);
        }
    }
}
