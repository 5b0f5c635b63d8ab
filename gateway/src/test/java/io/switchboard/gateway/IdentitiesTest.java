package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Principal;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class IdentitiesTest {
    private static final String CONNECT =
            "CONNECT\naccept-version:1.2\nhost:h\nlogin:al\npasscode:open\n\n^";

    private final Node node = Node.local();
    private final Asked asked = new Asked();
    private final Client client = new Client(node, asked);

    /// Answers when it is told to.
    private static final class Asked implements Identities {
        final List<Login> logins = new ArrayList<>();
        final List<Consumer<Answer>> answers = new ArrayList<>();
        int gone;

        @Override
        public void identify(Login login, Consumer<Answer> answer) {
            logins.add(login);
            answers.add(answer);
        }

        @Override
        public void gone() {
            gone++;
        }

        void known(String name) {
            answers.getFirst().accept(new Answer.Known(Principal.of(name, true, "127.0.0.1:5")));
        }
    }

    @Test
    void getWhatTheConnectSays() {
        client.send(
                "CONNECT\naccept-version:1.2\nhost:h\nlogin:\npasscode:open\n"
                        + "Authorization:Bearer x\n\n^");

        assertThat(asked.logins)
                .containsExactly(
                        new Identities.Login(client.session.name(), null, "open", "Bearer x"));
    }

    /// Else anybody could have the rights of any name where rules are configured and no proof is.
    @Test
    void withoutAProofANameIsBelievedOnlyOnThisMachine() {
        List<Identities.Answer> answers = new ArrayList<>();
        Identities.Login login = Opening.login("s", StompHeaders.of("login", "root"));
        Identities.believing(new Peer("127.0.0.1:5", true, null)).identify(login, answers::add);
        Identities.believing(new Peer("192.0.2.1:5", false, null)).identify(login, answers::add);
        assertThat(answers)
                .extracting(each -> ((Identities.Answer.Known) each).principal().name())
                .containsExactly("root", null);
    }

    @Test
    void nothingSecretIsInWhatALogMayShow() {
        client.send(CONNECT);

        assertThat(asked.logins.getFirst().toString()).contains("al").doesNotContain("open");
    }

    @Test
    void nothingIsDecodedUntilTheAnswerComes() {
        client.send(CONNECT + "SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n\n^");
        assertThat(client.session.parked()).isTrue();
        assertThat(client.nothingCame()).isTrue();

        asked.known("alice");
        node.settle();

        assertThat(client.session.parked()).isFalse();
        assertThat(client.resumed).isEqualTo(1);
        assertThat(client.next().headers().get("user-name")).isEqualTo("alice");
        assertThat(client.next().command()).isEqualTo(StompCommand.RECEIPT);
    }

    @Test
    void aRefusalEndsTheSession() {
        client.send(CONNECT);

        asked.answers
                .getFirst()
                .accept(new Identities.Answer.Refused(Disconnect.LOGIN_FAILED, "no"));
        node.settle();

        assertThat(client.next().headers().get("message")).isEqualTo("login failed");
        assertThat(client.closed).isEqualTo(Disconnect.LOGIN_FAILED);
    }

    @Test
    void anAnswerThatComesTwiceCountsOnce() {
        client.send(CONNECT);
        asked.known("alice");
        asked.known("bob");
        node.settle();

        assertThat(client.next().headers().get("user-name")).isEqualTo("alice");
        assertThat(client.nothingCame()).isTrue();
    }

    @Test
    void areToldWhenTheSessionHasGoneAndItsAnswerIsNothing() {
        client.send(CONNECT);
        client.session.closed();
        assertThat(asked.gone).isEqualTo(1);

        asked.known("alice");
        node.settle();
        assertThat(client.nothingCame()).isTrue();
    }

    @Test
    void areToldWhenTheTimeForTheConnectIsOver() {
        client.send(CONNECT);
        node.nowNanos += node.options.connectTimeoutNanos();
        client.session.onDeadline(node.nowNanos);
        node.settle();

        assertThat(asked.gone).isEqualTo(1);
        assertThat(client.next().headers().get("message")).isEqualTo("no CONNECT in time");
    }
}
