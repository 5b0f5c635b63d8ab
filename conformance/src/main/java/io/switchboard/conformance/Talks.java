package io.switchboard.conformance;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes cases of [Conversation]s, for either role.
///
/// @param <T> what is asked
final class Talks<T> {
    interface Opening<T> {
        /// @return nothing where the other end does not agree to what the case needs, or has no
        ///   HTTP/2
        Optional<Peer> open(T asked, @Nullable Compression needed) throws IOException;
    }

    private final Cases<T> cases;
    private final Opening<T> opening;
    private @Nullable Compression needed;

    Talks(Cases<T> cases, Opening<T> opening) {
        this.cases = cases;
        this.opening = opening;
    }

    Talks<T> section(String name) {
        cases.section(name);
        return this;
    }

    /// For the cases that follow.
    void needs(@Nullable Compression compression) {
        needed = compression;
    }

    void must(String rule, Conversation conversation) {
        add(Level.MUST, rule, conversation);
    }

    void should(String rule, Conversation conversation) {
        add(Level.SHOULD, rule, conversation);
    }

    private void add(Level level, String rule, Conversation conversation) {
        Compression compression = needed;
        cases.add(
                level,
                rule,
                asked -> {
                    Optional<Peer> peer = opening.open(asked, compression);
                    if (peer.isPresent()) {
                        return conversation.with(peer.get());
                    }
                    return Outcome.notApplicable(
                            compression == null
                                    // The one way that is not there everywhere.
                                    ? "WebSocket over HTTP/2 was not offered"
                                    : compression.text() + " was not agreed");
                });
    }
}
