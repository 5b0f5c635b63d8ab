package io.switchboard.broker;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a subscription that outlives its connection is to get.
///
/// @param destination canonical
/// @param selector null for all
public record DurableWish(String destination, boolean pattern, @Nullable String selector) {
    private static final char FORMAT = '1';

    /// As the journal has it: no destination holds a NUL.
    byte[] bytes() {
        String text = "" + FORMAT + (pattern ? 'p' : 'n') + destination;
        return (selector == null ? text : text + '\0' + selector).getBytes(StandardCharsets.UTF_8);
    }

    static DurableWish of(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.length() < 2 || text.charAt(0) != FORMAT) {
            throw new IllegalStateException(
                    "expected a durable subscription in the format "
                            + FORMAT
                            + "; was this data written by a later version?");
        }
        int nul = text.indexOf('\0');
        return new DurableWish(
                nul < 0 ? text.substring(2) : text.substring(2, nul),
                text.charAt(1) == 'p',
                nul < 0 ? null : text.substring(nul + 1));
    }
}
