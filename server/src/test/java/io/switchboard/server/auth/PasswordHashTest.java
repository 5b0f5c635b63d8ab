package io.switchboard.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PasswordHashTest {
    /// The reference implementation's own test: version 19, 2 passes, 256 KiB, one lane.
    private static final String REFERENCE =
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

    @Test
    void readsWhatTheReferenceImplementationWrites() {
        PasswordHash hash = PasswordHash.parse(REFERENCE);

        assertThat(hash.matches("password".toCharArray())).isTrue();
        assertThat(hash.matches("Password".toCharArray())).isFalse();
    }

    @Test
    void readsBcrypt() {
        PasswordHash hash =
                PasswordHash.parse("$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkY8jIucDrjc8deX1s.");
        assertThat(hash).as("59 characters").isNull();
        hash = PasswordHash.parse("$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe");

        assertThat(hash.matches("a".toCharArray())).isTrue();
        assertThat(hash.matches("b".toCharArray())).isFalse();
    }

    @Test
    void aNewOneIsAnotherOneEachTimeAndMatches() {
        char[] password = "çorrect horse".toCharArray();
        PasswordHash one = PasswordHash.of(password, new SecureRandom());
        PasswordHash other = PasswordHash.of(password, new SecureRandom());

        assertThat(one.text()).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(other.text()).isNotEqualTo(one.text());
        assertThat(PasswordHash.parse(one.text()).matches(password)).isTrue();
        assertThat(other.cost()).isEqualTo(one.cost());
        assertThat(one.toString()).doesNotContain(one.text().substring(40));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret",
                "",
                "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi",
                "$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1b",
                "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi",
                "$argon2id$v=19$m=8,t=1,p=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                "$2a$31$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe",
                "$1$abc$def"
            })
    void refusesWhatIsNoneOrCostsTooMuch(String text) {
        assertThat(PasswordHash.parse(text)).isNull();
    }
}
