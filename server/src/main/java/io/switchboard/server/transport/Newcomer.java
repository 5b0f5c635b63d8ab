package io.switchboard.server.transport;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Principal;
import io.switchboard.gateway.Identities;
import io.switchboard.gateway.Peer;
import io.switchboard.server.endpoint.Endpoint;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// The client of a program's endpoint, until it is known who that is. Owned by the connection's
/// event loop.
final class Newcomer {
    private final Identities identities;
    private final Endpoint.Admission admission;
    private final Peer peer;
    private final String id;
    private boolean awaited;

    /// @param id for logs
    Newcomer(Identities identities, Endpoint.Admission admission, Peer peer, String id) {
        this.identities = identities;
        this.admission = admission;
        this.peer = peer;
        this.id = id;
    }

    /// Whether the answer is still to come.
    boolean awaited() {
        return awaited;
    }

    /// @param known or `refused` is called once, before this returns or later, unless it has
    ///   [#gone] before
    void identify(Consumer<Principal> known, BiConsumer<Disconnect, String> refused) {
        if (admission == Endpoint.Admission.ANYONE) {
            known.accept(Principal.of(null, peer.local(), peer.address()));
            return;
        }
        awaited = true;
        identities.identify(
                new Identities.Login(id, null, null, null),
                answer -> {
                    if (awaited) {
                        awaited = false;
                        answered(answer, known, refused);
                    }
                });
    }

    private void answered(
            Identities.Answer answer,
            Consumer<Principal> known,
            BiConsumer<Disconnect, String> refused) {
        switch (answer) {
            case Identities.Answer.Refused(Disconnect why, String detail) ->
                    refused.accept(why, detail);
            case Identities.Answer.Known(Principal principal) -> {
                if (principal.name() == null && admission == Endpoint.Admission.NAMED) {
                    refused.accept(
                            Disconnect.LOGIN_FAILED, "expected a handshake that shows who it is");
                } else if (principal.name() == null && !principal.local()) {
                    refused.accept(
                            Disconnect.ACCESS_DENIED,
                            "expected a handshake that shows who it is, or a connection through a"
                                    + " loopback listener");
                } else {
                    known.accept(principal);
                }
            }
        }
    }

    void gone() {
        if (awaited) {
            awaited = false;
            identities.gone();
        }
    }
}
