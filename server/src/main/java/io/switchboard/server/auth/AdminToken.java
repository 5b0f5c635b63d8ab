package io.switchboard.server.auth;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.broker.Principal;
import io.switchboard.server.StartFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who may administer the server: the users of a file, or, without one, whoever can read a token
/// that is made anew at each start, in a file that only the server's own user may read.
public final class AdminToken implements Authenticator {
    /// In the server's data directory.
    public static final String FILE = "admin-token";

    private static final int BYTES = 32;
    private static final String NAME = "admin-token";

    private final byte[] token;

    private AdminToken(byte[] token) {
        this.token = token;
    }

    /// @param data where the token goes
    /// @param users null for the token
    /// @throws StartFailure if the token cannot be written, or the users cannot be read
    public static Logins administrators(Path data, @Nullable Path users, SecureRandom random)
            throws StartFailure {
        List<Authenticator> token = users == null ? List.of(written(data, random)) : List.of();
        return Logins.open(new AuthOptions(false, users, null, null, AuthOptions.TIMEOUT, token));
    }

    private static AdminToken written(Path data, SecureRandom random) throws StartFailure {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Path file = data.resolve(FILE);
        try {
            UsersFile.replace(file, text + "\n");
        } catch (IOException e) {
            throw new StartFailure(
                    "the token for administration cannot be written to "
                            + file
                            + " ("
                            + StartFailure.reason(e)
                            + "): choose another directory with --data, name administrators with"
                            + " --admin-users, or set admin-port to off",
                    e);
        }
        return new AdminToken(text.getBytes(US_ASCII));
    }

    @Override
    public Verdict authenticate(Credentials who) {
        if (who.bearer() == null) {
            return Verdict.PASSED;
        }
        return MessageDigest.isEqual(token, who.bearer().getBytes(UTF_8))
                ? new Verdict.Accepted(Principal.of(NAME, who.local(), who.address()), "token")
                : new Verdict.Refused("wrong token");
    }
}
