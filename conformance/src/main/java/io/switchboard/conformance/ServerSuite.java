package io.switchboard.conformance;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What servers are asked.
final class ServerSuite {
    private ServerSuite() {}

    static List<Case<Target>> cases() {
        Cases<Target> cases = new Cases<>();
        HandshakeCases.add(cases);
        NegotiationCases.add(cases);
        talks(new Talks<>(cases, ServerSuite::open));
        Http2Cases.add(cases);
        return cases.all();
    }

    static <T> void talks(Talks<T> talks) {
        FramingTalks.add(talks);
        FragmentTalks.add(talks);
        ControlTalks.add(talks);
        CloseTalks.add(talks);
        Utf8Talks.add(talks);
        DeflateTalks.add(talks);
    }

    private static Optional<Peer> open(Target target, @Nullable Compression needed)
            throws IOException {
        if (needed == null) {
            return Optional.of(target.open());
        }
        Peer peer =
                target.open("Sec-WebSocket-Extensions: permessage-deflate" + needed.parameters());
        boolean suits = peer.agreed().filter(it -> needed.suits(it, Role.CLIENT)).isPresent();
        if (!suits) {
            peer.close();
        }
        return suits ? Optional.of(peer) : Optional.empty();
    }
}
