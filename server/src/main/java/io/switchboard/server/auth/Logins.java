package io.switchboard.server.auth;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Principal;
import io.switchboard.gateway.Identities;
import io.switchboard.server.StartFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the authenticators about each client, on a virtual thread of its own and within a time, and
/// says in the audit log what came of it. The client hears the same whatever was wrong. For all
/// threads; owned by the server.
public final class Logins implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Logins.class);

    /// Clients whose credentials are being looked at.
    static final int LOGINS_MAX = 10_000;

    private static final Identities.Answer FAILED =
            new Identities.Answer.Refused(Disconnect.LOGIN_FAILED, "expected valid credentials");
    private static final Identities.Answer UNAVAILABLE =
            new Identities.Answer.Refused(
                    Disconnect.LOGIN_UNAVAILABLE, "the server cannot check credentials now");

    private final LoginThrottle throttle;
    private final PasswordChecks checks;
    private final AuditLines lines = new AuditLines(System::nanoTime);
    private final Semaphore places = new Semaphore(LOGINS_MAX);
    private volatile Sources sources;

    private Logins(AuthOptions options) throws StartFailure {
        throttle = new LoginThrottle(System::nanoTime);
        checks = new PasswordChecks(Runtime.getRuntime().availableProcessors());
        sources = sources(options, null);
    }

    /// @throws StartFailure saying which file is wrong
    public static Logins open(AuthOptions options) throws StartFailure {
        return new Logins(options);
    }

    /// What logins are looked at with, and what may be replaced by other files' content.
    ///
    /// @param generation how often they have been replaced
    private record Sources(
            AuthOptions options,
            List<Authenticator> authenticators,
            @Nullable Users users,
            @Nullable Tokens tokens,
            long generation) {}

    private Sources sources(AuthOptions options, @Nullable Sources before) throws StartFailure {
        List<Authenticator> all = new ArrayList<>(options.authenticators());
        Tokens tokens = tokens(options.tokens(), before);
        Users users = null;
        if (tokens != null) {
            all.add(tokens::ofConnect);
        }
        if (options.users() != null) {
            users =
                    new Users(
                            UsersFile.read(options.users()),
                            checks,
                            throttle,
                            PasswordHash::matches);
            all.add(users);
        }
        if (tokens != null) {
            all.add(tokens::ofHandshake);
        }
        if (options.certificateName() != null) {
            all.add(options.certificateName()::authenticate);
        }
        if (options.anonymous()) {
            all.add(Logins::anonymous);
        }
        return new Sources(
                options,
                List.copyOf(all),
                users,
                tokens,
                before == null ? 0 : before.generation + 1);
    }

    /// Keys that are fetched stay as they are: they are fetched again when they are old.
    private static @Nullable Tokens tokens(@Nullable TokenOptions options, @Nullable Sources before)
            throws StartFailure {
        if (options == null) {
            return null;
        }
        if (before != null && options.jwks() != null && options.equals(before.options.tokens())) {
            return before.tokens;
        }
        return Tokens.of(options);
    }

    /// Rises when logins are looked at with something else from then on.
    public long generation() {
        return sources.generation;
    }

    /// What logins are looked at with, by the words of the configuration. To be compared alone:
    /// passwords' hashes and keys are in it.
    public Map<String, Object> inForce() {
        Sources now = sources;
        AuthOptions options = now.options;
        return Map.of(
                "auth.users", now.users == null ? "" : now.users.all(),
                "auth.jwt", now.tokens == null ? "" : now.tokens.inForce(),
                "auth.anonymous", options.anonymous(),
                "auth.timeout", options.timeout(),
                "auth.client-certificate", Optional.ofNullable(options.certificateName()));
    }

    /// Reads all files again, and changes nothing.
    ///
    /// @return to be called for the change: from then on logins are looked at with what was read.
    ///   Answers with who a client is now that came in before; null ends its session
    /// @throws StartFailure saying which file is wrong
    public Supplier<Function<Principal, @Nullable Principal>> reread(AuthOptions options)
            throws StartFailure {
        Sources before = sources;
        Sources fresh = sources(options, before);
        return () -> {
            sources = fresh;
            return principal -> again(principal, before, fresh);
        };
    }

    /// What tokens and certificates say holds until they end.
    private static @Nullable Principal again(Principal who, Sources before, Sources fresh) {
        if (!who.provedBy().equals(Users.PASSWORD) || before.users == null) {
            return who;
        }
        return fresh.users == null ? null : fresh.users.again(who, before.users);
    }

    /// What is known now of a client that is away, for whom messages are kept.
    ///
    /// @return null if there is no such user any more
    public @Nullable Principal absent(Principal who) {
        Users users = sources.users;
        if (!who.provedBy().equals(Users.PASSWORD)) {
            return who;
        }
        return users == null ? null : users.absent(who);
    }

    /// Of whoever shows nothing at all; a name alone is none.
    private static Verdict anonymous(Credentials who) {
        return who.passcode() != null || who.authorization() != null
                ? Verdict.PASSED
                : new Verdict.Accepted(Principal.of(null, who.local(), who.address()), "anonymous");
    }

    /// From any thread.
    ///
    /// @param answer called once, on any thread, unless it is called off before
    /// @return calls it off
    public Runnable ask(String session, Credentials who, Consumer<Identities.Answer> answer) {
        return judge(session, who, verdict -> answer.accept(said(session, who, verdict)));
    }

    /// A new token of somebody who is known.
    ///
    /// @param who shows the token alone
    /// @param known who it is
    /// @param answer as that of [#ask], with the same name; somebody else's token is refused
    /// @return calls it off
    public Runnable renew(
            String session, Credentials who, Principal known, Consumer<Identities.Answer> answer) {
        return judge(session, who, verdict -> answer.accept(renewed(session, who, known, verdict)));
    }

    private Identities.Answer renewed(
            String session, Credentials who, Principal known, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted(Principal principal, String by)
                    when Objects.equals(principal.name(), known.name()) -> {
                AuditLog.renewed(session, who, principal);
                yield new Identities.Answer.Known(principal.provedBy(by));
            }
            case Verdict.Accepted accepted -> {
                throttle.failed(who);
                AuditLog.renewalFailed(lines, session, who, known, "the token is another user's");
                yield FAILED;
            }
            case Verdict.Refused(String reason) -> {
                AuditLog.renewalFailed(lines, session, who, known, reason);
                yield FAILED;
            }
            case Verdict.Unavailable(String reason) -> {
                AuditLog.renewalFailed(lines, session, who, known, reason);
                yield UNAVAILABLE;
            }
            case Verdict.Passed p -> throw new AssertionError("somebody has the last word");
        };
    }

    private Runnable judge(String session, Credentials who, Consumer<Verdict> said) {
        if (!places.tryAcquire()) {
            said.accept(new Verdict.Unavailable("too many logins"));
            return () -> {};
        }
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        Thread thread =
                Thread.ofVirtual()
                        .name("switchboard-login-" + session)
                        .start(() -> {
                            try {
                                verdict.complete(judge(who));
                            } catch (InterruptedException e) {
                                verdict.cancel(false);
                            } catch (Exception e) {
                                LOG.error("an authenticator failed", e);
                                verdict.complete(new Verdict.Unavailable("an error"));
                            } finally {
                                places.release();
                            }
                        });
        verdict.orTimeout(sources.options.timeout().toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((found, failure) -> {
                    if (failure instanceof CancellationException) {
                        thread.interrupt();
                    } else if (failure instanceof TimeoutException) {
                        thread.interrupt();
                        said.accept(new Verdict.Unavailable("timed out"));
                    } else {
                        said.accept(found);
                    }
                });
        return () -> verdict.cancel(false);
    }

    private Verdict judge(Credentials who) throws Exception {
        if (throttle.blocks(who)) {
            return LoginThrottle.BLOCKED;
        }
        for (Authenticator each : sources.authenticators) {
            Verdict verdict = each.authenticate(who);
            // Whoever stood in line while others failed was not looked at.
            if (verdict instanceof Verdict.Refused && !throttle.blocks(who)) {
                throttle.failed(who);
            }
            if (!(verdict instanceof Verdict.Passed)) {
                return verdict;
            }
        }
        throttle.failed(who);
        return new Verdict.Refused("no credentials that count here");
    }

    private Identities.Answer said(String session, Credentials who, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted(Principal principal, String by) -> {
                AuditLog.login(session, who, principal, by);
                yield new Identities.Answer.Known(principal.provedBy(by));
            }
            case Verdict.Refused(String reason) -> {
                AuditLog.failed(lines, session, who, reason);
                yield FAILED;
            }
            case Verdict.Unavailable(String reason) -> {
                AuditLog.unavailable(lines, session, who, reason);
                yield UNAVAILABLE;
            }
            case Verdict.Passed p -> throw new AssertionError("somebody has the last word");
        };
    }

    @Override
    public void close() {
        checks.close();
    }
}
