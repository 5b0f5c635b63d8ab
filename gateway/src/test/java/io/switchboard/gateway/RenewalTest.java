package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRules;
import io.switchboard.broker.BrokerLimits;
import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Principal;
import io.switchboard.stomp.StompCommand;
import io.switchboard.stomp.StompFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// A client sends its new token to `/session/token` before the old one ends, and hears of itself on
/// `/session/events`.
class RenewalTest {
    private static final String RENEW = "SEND\ndestination:/session/token\nreceipt:t\n\nfresh^";
    private static final String LISTEN =
            "SUBSCRIBE\nid:e\ndestination:/session/events\nreceipt:l\n\n^";

    private final Node node =
            new Node(
                    1,
                    (who, action, destination, answer) ->
                            destination.equals("/topic/staff") && !who.roles().contains("staff")
                                    ? new AccessRules.Decision.Denied("for staff")
                                    : AccessRules.Decision.ALLOWED,
                    BrokerLimits.DEFAULT);
    private final Tokens tokens = new Tokens();
    private final Client client = new Client(node, tokens);

    /// Everybody is alice for a hundred seconds; renewals are answered when they are told to be.
    private final class Tokens implements Identities {
        final List<Renewal> renewals = new ArrayList<>();
        final List<Consumer<Answer>> owed = new ArrayList<>();
        int gone;

        @Override
        public void identify(Login login, Consumer<Answer> answer) {
            answer.accept(new Answer.Known(alice(100_000)));
        }

        @Override
        public void renew(Renewal renewal, Consumer<Answer> answer) {
            renewals.add(renewal);
            owed.add(answer);
        }

        @Override
        public void gone() {
            gone++;
        }

        void accept(Principal principal) {
            owed.removeFirst().accept(new Answer.Known(principal));
            node.settle();
        }

        void refuse() {
            owed.removeFirst().accept(new Answer.Refused(Disconnect.LOGIN_FAILED, "no"));
            node.settle();
        }
    }

    private Principal alice(long millis, String... roles) {
        long expires = node.nowNanos / 1_000_000 + millis;
        return new Principal("alice", true, "127.0.0.1:5", Set.of(roles), Map.of(), expires);
    }

    private static List<String> headers(StompFrame frame, String... names) {
        return List.of(names).stream().map(it -> it + ":" + frame.headers().get(it)).toList();
    }

    @Test
    void theTokenIsTheBodyAndTheReceiptSaysThatItCounts() {
        client.connect().send(RENEW);
        assertThat(tokens.renewals).extracting(Identities.Renewal::token).containsExactly("fresh");
        assertThat(tokens.renewals.getFirst().toString()).doesNotContain("fresh");
        assertThat(client.nothingCame()).isTrue();
        tokens.accept(alice(300_000));
        StompFrame receipt = client.next();
        assertThat(receipt.command()).isEqualTo(StompCommand.RECEIPT);
        assertThat(receipt.headers().get("receipt-id")).isEqualTo("t");
        node.pass(299_999);
        assertThat(client.closed).isNull();
        node.pass(1);
        client.refused(Disconnect.TOKEN_EXPIRED);
    }

    @Test
    void withoutOneTheSessionEndsWithItsToken() {
        client.connect();
        node.pass(40_000);
        node.pass(60_000);
        StompFrame error = client.refused(Disconnect.TOKEN_EXPIRED);
        assertThat(error.headers().get("message")).isEqualTo("token expired");
        assertThat(Client.body(error)).contains("/session/token");
        assertThat(client.closed.closeCode()).isEqualTo(4015);
    }

    /// Else what the client does next might be judged by its old token.
    @Test
    void whatFollowsWaitsAndIsJudgedByTheNewToken() {
        client.connect();
        client.send(RENEW + "SUBSCRIBE\nid:1\ndestination:/topic/staff\nreceipt:s\n\n^");
        assertThat(client.session.parked()).isTrue();
        tokens.accept(alice(300_000, "staff"));
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("t");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("s");
        assertThat(client.resumed).isEqualTo(1);
    }

    @Test
    void aRefusedTokenEndsTheSession() {
        client.connect().send(RENEW);
        tokens.refuse();
        assertThat(client.refused(Disconnect.LOGIN_FAILED).headers().get("receipt-id"))
                .isEqualTo("t");
    }

    @Test
    void withSoftErrorsTheOldTokenGoesOn() {
        client.connect("soft-errors:true").send(RENEW);
        tokens.refuse();
        assertThat(client.error(Disconnect.LOGIN_FAILED).headers().get("receipt-id"))
                .isEqualTo("t");
        client.send("SEND\ndestination:/topic/a\nreceipt:r\n\n^");
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("r");
        node.pass(40_000);
        node.pass(60_000);
        client.refused(Disconnect.TOKEN_EXPIRED);
    }

    @Test
    void aTokenThatEndsWhileTheNewOneIsLookedAtEndsTheSession() {
        client.connect();
        node.pass(50_000);
        client.send(RENEW);
        node.pass(50_000);
        client.refused(Disconnect.TOKEN_EXPIRED);
        assertThat(tokens.gone).isEqualTo(1);
        tokens.accept(alice(300_000));
        assertThat(client.nothingCame()).isTrue();
    }

    @Test
    void aTokenHasALength() {
        client.connect("soft-errors:true");
        client.send("SEND\ndestination:/session/token\n\n^");
        client.error(Disconnect.LOGIN_FAILED);
        client.send("SEND\ndestination:/session/token\n\n" + "x".repeat((16 << 10) + 1) + "^");
        client.error(Disconnect.LOGIN_FAILED);
        assertThat(tokens.renewals).isEmpty();
    }

    @Test
    void isNoPartOfATransaction() {
        client.connect("soft-errors:true");
        client.send("BEGIN\ntransaction:x\n\n^");
        client.send("SEND\ndestination:/session/token\ntransaction:x\n\nnew^");
        client.error(Disconnect.UNSUPPORTED);
    }

    @Test
    void isRefusedWhereNobodyIsAskedForAToken() {
        Client open = new Client(node).connect("soft-errors:true");
        open.send(RENEW);
        open.error(Disconnect.UNSUPPORTED);
    }

    @Test
    void aNoticeIsAMessageWithoutBody() {
        client.connect().send(LISTEN);
        assertThat(client.next().headers().get("receipt-id")).isEqualTo("l");
        node.pass(50_000);
        StompFrame notice = client.message();
        assertThat(headers(notice, "subscription", "destination", "event", "expires-in"))
                .containsExactly(
                        "subscription:e",
                        "destination:/session/events",
                        "event:token-expiring",
                        "expires-in:50000");
        assertThat(notice.headers().get("message-id")).isNotEmpty();
        assertThat(notice.body().remaining()).isZero();
    }

    @Test
    void aSubscriptionThatLostItsRightEndsWithANotice() {
        client.connect().send(RENEW);
        tokens.accept(alice(300_000, "staff"));
        client.next();
        client.send(LISTEN + "SUBSCRIBE\nid:1\ndestination:/topic/staff\n\n^" + RENEW);
        client.next();
        tokens.accept(alice(300_000));
        assertThat(headers(client.message(), "event", "of", "id", "reason"))
                .containsExactly(
                        "event:subscription-ended", "of:/topic/staff", "id:1", "reason:for staff");
        assertThat(client.next().command()).isEqualTo(StompCommand.RECEIPT);
        assertThat(client.nothingCame()).isTrue();
        assertThat(client.closed).isNull();
    }

    @Test
    void withSoftErrorsAnErrorNamesItToo() {
        client.connect("soft-errors:true").send(RENEW);
        tokens.accept(alice(300_000, "staff"));
        client.next();
        client.send("SUBSCRIBE\nid:1\ndestination:/topic/staff\n\n^" + RENEW);
        tokens.accept(alice(300_000));
        StompFrame error = client.error(Disconnect.ACCESS_DENIED);
        assertThat(error.headers().get("subscription")).isEqualTo("1");
        assertThat(client.next().command()).isEqualTo(StompCommand.RECEIPT);
        assertThat(client.closed).isNull();
    }
}
