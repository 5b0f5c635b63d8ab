package io.switchboard.broker;

/// How much of its past a topic keeps. What is beyond any of the bounds goes, the oldest first; 0
/// for no bound of that kind.
///
/// @param countMax messages
/// @param bytesMax what they are charged with
/// @param ageMillis since their arrival
public record Retention(int countMax, long bytesMax, long ageMillis) {
    public static final Retention DEFAULT = new Retention(1_000, 16L << 20, 0);

    public Retention {
        if (countMax < 0 || bytesMax < 0 || ageMillis < 0) {
            throw new IllegalArgumentException(
                    "messages " + countMax + ", bytes " + bytesMax + ", age " + ageMillis);
        }
    }
}
