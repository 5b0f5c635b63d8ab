package io.switchboard.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class UsersTest {
    private static final PasswordHash HASH = new PasswordHash("hash", "cost");

    private final List<String> compared = new ArrayList<>();
    private final PasswordChecks checks = new PasswordChecks(1);
    private final LoginThrottle throttle = new LoginThrottle(() -> 0);
    private final Users users =
            new Users(
                    Map.of("alice", new UsersFile.User("alice", HASH, Set.of("admin"))),
                    checks,
                    throttle,
                    (hash, password) -> {
                        compared.add(hash.text() + " " + new String(password));
                        return new String(password).equals("open");
                    });

    @AfterEach
    void close() {
        checks.close();
    }

    static Credentials of(String login, String passcode) {
        return new Credentials(
                login, passcode, null, null, Map.of(), null, "192.0.2.1:5", false, "tls");
    }

    @Test
    void theRightPasswordIsAccepted() throws Exception {
        Verdict.Accepted accepted = (Verdict.Accepted) users.authenticate(of("alice", "open"));

        assertThat(accepted.principal().name()).isEqualTo("alice");
        assertThat(accepted.principal().roles()).containsExactly("admin");
    }

    @Test
    void anUnknownNameCostsAsMuchAsAWrongPassword() throws Exception {
        assertThat(users.authenticate(of("alice", "shut"))).isInstanceOf(Verdict.Refused.class);
        assertThat(users.authenticate(of("nobody", "shut"))).isInstanceOf(Verdict.Refused.class);

        assertThat(compared).containsExactly("hash shut", "hash shut");
    }

    @Test
    void nobodyGetsInWithAPasswordThatIsSomebodyElses() throws Exception {
        assertThat(users.authenticate(of("nobody", "open"))).isInstanceOf(Verdict.Refused.class);
    }

    @Test
    void aNameAloneIsNothingForThem() throws Exception {
        assertThat(users.authenticate(of("alice", null))).isEqualTo(Verdict.PASSED);
        assertThat(users.authenticate(of(null, "open"))).isEqualTo(Verdict.PASSED);
        assertThat(compared).isEmpty();
    }

    @Test
    void whoHasFailedTooOftenCostsNothing() throws Exception {
        for (int i = 0; i < LoginThrottle.NAME_FAILURES_MAX; i++) {
            throttle.failed(of("alice", "x"));
        }

        assertThat(users.authenticate(of("alice", "open"))).isEqualTo(LoginThrottle.BLOCKED);
        assertThat(compared).isEmpty();
    }

    @Test
    void theLineOfPasswordsIsBounded() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        threads.add(
                waiting(() -> {
                    begun.countDown();
                    over.await();
                    return null;
                }));
        begun.await();
        for (int i = 0; i < PasswordChecks.WAITING_MAX; i++) {
            threads.add(waiting(() -> null));
        }
        while (checks.waiting() < PasswordChecks.WAITING_MAX) {
            Thread.onSpinWait();
        }

        assertThat(users.authenticate(of("alice", "open")))
                .isEqualTo(new Verdict.Unavailable("too many passwords to check"));
        over.countDown();
        for (Thread each : threads) {
            each.join();
        }
        assertThat(users.authenticate(of("alice", "open"))).isInstanceOf(Verdict.Accepted.class);
    }

    private Thread waiting(Callable<Void> check) {
        FutureTask<Void> task = new FutureTask<>(() -> checks.run(check));
        return Thread.startVirtualThread(task);
    }
}
