package io.switchboard.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.switchboard.server.StartFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UsersFileTest {
    private static final String HASH =
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

    @TempDir private Path folder;

    private Path file(String text) throws Exception {
        return Files.writeString(folder.resolve("users"), text);
    }

    @Test
    void hasAUserOnEachLine() throws Exception {
        Path file = file("# staff\nalice:" + HASH + ":admin, chat\n\nbob:" + HASH + "\n");

        var users = UsersFile.read(file);

        assertThat(users).containsOnlyKeys("alice", "bob");
        assertThat(users.get("alice").roles()).containsExactlyInAnyOrder("admin", "chat");
        assertThat(users.get("bob").roles()).isEmpty();
    }

    @Test
    void aMistakeIsSaidWithItsLineAndWithoutTheHash() throws Exception {
        Path file = file("alice:" + HASH + "\nbob:hunter2\n");

        assertThatExceptionOfType(StartFailure.class)
                .isThrownBy(() -> UsersFile.read(file))
                .withMessageContaining("users line 2: the hash of bob is neither argon2id")
                .withMessageNotContaining("hunter2");
    }

    @Test
    void aNameStandsThereOnce() throws Exception {
        Path file = file("alice:" + HASH + "\nalice:" + HASH + "\n");

        assertThatExceptionOfType(StartFailure.class)
                .isThrownBy(() -> UsersFile.read(file))
                .withMessageContaining("line 2: alice stands here again");
    }

    @Test
    void aFileThatIsMissingIsSaid() {
        assertThatExceptionOfType(StartFailure.class)
                .isThrownBy(() -> UsersFile.read(folder.resolve("none")))
                .withMessageContaining("auth.users");
    }

    @Test
    void putMakesAFileThatOnlyItsOwnerReads() throws Exception {
        Path file = folder.resolve("new").resolve("users");

        boolean there = UsersFile.put(file, "alice", "open".toCharArray(), List.of("admin"));

        assertThat(there).isFalse();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        UsersFile.User alice = UsersFile.read(file).get("alice");
        assertThat(alice.hash().matches("open".toCharArray())).isTrue();
        assertThat(alice.roles()).containsExactly("admin");
        try (var left = Files.list(file.getParent())) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void putChangesOneLineAndKeepsItsRoles() throws Exception {
        Path file = file("# staff\nalice:" + HASH + ":admin\nbob:" + HASH + ":chat\n");

        boolean there = UsersFile.put(file, "alice", "new".toCharArray(), null);

        assertThat(there).isTrue();
        var users = UsersFile.read(file);
        assertThat(users.get("alice").hash().matches("new".toCharArray())).isTrue();
        assertThat(users.get("alice").roles()).containsExactly("admin");
        assertThat(Files.readAllLines(file)).contains("# staff", "bob:" + HASH + ":chat");
    }

    @Test
    void putTakesNoNameThatWouldBeAnotherLine() {
        Path file = folder.resolve("users");

        for (String name : List.of("", "a:b", "#a", "a\nb", " a")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> UsersFile.put(file, name, new char[] {'x'}, null));
        }
        assertThat(file).doesNotExist();
    }
}
