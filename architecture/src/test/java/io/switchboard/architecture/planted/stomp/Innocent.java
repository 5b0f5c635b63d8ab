package io.switchboard.architecture.planted.stomp;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Uses much of what pure code may use; no rule may complain about it.
public record Innocent(List<String> names, Instant when, RandomGenerator chance) {
    public Innocent {
        names = List.copyOf(names);
    }

    byte[] copy(ByteBuffer bytes, Duration wait) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        System.arraycopy(copy, 0, copy, 0, 1);
        long nanos = TimeUnit.MILLISECONDS.toNanos(wait.toMillis()) + when.getEpochSecond();
        new Random(nanos).nextBytes(copy);
        return switch (copy.length % 2) {
            case 0 -> Arrays.copyOf(copy, chance.nextInt(9));
            default -> throw new IllegalStateException(names.toString());
        };
    }
}
