package io.switchboard.server.transport;

import io.netty.channel.Channel;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Principal;
import io.switchboard.gateway.Identities;
import java.util.function.Consumer;

/// Lets in as many sessions of one user as there may be, and from then on reads each as fast as its
/// roles allow. Owned by the connection's event loop.
final class BoundedIdentities implements Identities {
    private final Identities identities;
    private final Terms terms;
    private final Channel channel;

    /// @param identities say who it is
    BoundedIdentities(Identities identities, Terms terms, Channel channel) {
        this.identities = identities;
        this.terms = terms;
        this.channel = channel;
    }

    @Override
    public void identify(Login login, Consumer<Answer> answer) {
        identities.identify(login, said -> answer.accept(bounded(said)));
    }

    private Answer bounded(Answer said) {
        if (!(said instanceof Answer.Known(Principal principal))) {
            return said;
        }
        String name = principal.name();
        if (name != null && !terms.perUser().take(name, channel)) {
            return new Answer.Refused(
                    Disconnect.TOO_MANY_SESSIONS,
                    "expected at most "
                            + terms.perUser().max()
                            + " sessions of one user at a time; end another one first");
        }
        readAsFastAs(principal);
        return said;
    }

    /// It has its place already.
    @Override
    public void renew(Renewal renewal, Consumer<Answer> answer) {
        identities.renew(
                renewal,
                said -> {
                    if (said instanceof Answer.Known(Principal principal)) {
                        readAsFastAs(principal);
                    }
                    answer.accept(said);
                });
    }

    private void readAsFastAs(Principal principal) {
        SocketHandler socket = channel.pipeline().get(SocketHandler.class);
        if (socket != null) {
            socket.intake.rate(terms.clients().rateOf(principal.roles()), System.nanoTime());
        }
    }

    @Override
    public void gone() {
        identities.gone();
    }
}
