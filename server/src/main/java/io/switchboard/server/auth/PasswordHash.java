package io.switchboard.server.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;

/// What is kept of a password: argon2id (RFC 9106) in the form of the PHC strings, or bcrypt.
///
/// @param text the whole of it
/// @param cost its algorithm and parameters: those with the same one take the same time
record PasswordHash(String text, String cost) {
    /// 19 MiB and two passes: what OWASP's Password Storage Cheat Sheet names first.
    private static final int MEMORY_KIB = 19_456;

    private static final int ITERATIONS = 2;
    private static final int SALT_LENGTH = 16;
    private static final int HASH_LENGTH = 32;

    private static final int MEMORY_KIB_MAX = 1 << 20;
    private static final int ITERATIONS_MAX = 100;
    private static final int LANES_MAX = 16;
    private static final int BCRYPT_COST_MAX = 16;

    private static final Pattern ARGON2ID =
            Pattern.compile(
                    "(\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,2}))"
                            + "\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");
    private static final Pattern BCRYPT =
            Pattern.compile("(\\$2[aby]\\$(\\d\\d))\\$[./A-Za-z0-9]{53}");

    /// Null if it is no hash that can be checked here within reason.
    static @Nullable PasswordHash parse(String text) {
        Matcher argon = ARGON2ID.matcher(text);
        if (argon.matches()) {
            int memory = Integer.parseInt(argon.group(2));
            int iterations = Integer.parseInt(argon.group(3));
            int lanes = Integer.parseInt(argon.group(4));
            boolean fine =
                    memory >= 8 * lanes
                            && memory <= MEMORY_KIB_MAX
                            && iterations >= 1
                            && iterations <= ITERATIONS_MAX
                            && lanes >= 1
                            && lanes <= LANES_MAX
                            && decodes(argon.group(5))
                            && decodes(argon.group(6));
            return fine ? new PasswordHash(text, argon.group(1)) : null;
        }
        Matcher bcrypt = BCRYPT.matcher(text);
        if (bcrypt.matches()) {
            int cost = Integer.parseInt(bcrypt.group(2));
            return cost >= 4 && cost <= BCRYPT_COST_MAX
                    ? new PasswordHash(text, "bcrypt " + cost)
                    : null;
        }
        return null;
    }

    private static boolean decodes(String base64) {
        try {
            return Base64.getDecoder().decode(base64).length > 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// Of a new password.
    static PasswordHash of(char[] password, SecureRandom random) {
        byte[] salt = new byte[SALT_LENGTH];
        random.nextBytes(salt);
        byte[] hash = argon2id(password, MEMORY_KIB, ITERATIONS, 1, salt, HASH_LENGTH);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        String cost = "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + ITERATIONS + ",p=1";
        return new PasswordHash(
                cost + "$" + base64.encodeToString(salt) + "$" + base64.encodeToString(hash), cost);
    }

    /// Costs what it costs, tens of milliseconds and megabytes.
    boolean matches(char[] password) {
        Matcher argon = ARGON2ID.matcher(text);
        if (!argon.matches()) {
            return OpenBSDBCrypt.checkPassword(text, password);
        }
        byte[] expected = Base64.getDecoder().decode(argon.group(6));
        byte[] found =
                argon2id(
                        password,
                        Integer.parseInt(argon.group(2)),
                        Integer.parseInt(argon.group(3)),
                        Integer.parseInt(argon.group(4)),
                        Base64.getDecoder().decode(argon.group(5)),
                        expected.length);
        return MessageDigest.isEqual(expected, found);
    }

    private static byte[] argon2id(
            char[] password, int memoryKib, int iterations, int lanes, byte[] salt, int length) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(
                new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                        .withMemoryAsKB(memoryKib)
                        .withIterations(iterations)
                        .withParallelism(lanes)
                        .withSalt(salt)
                        .build());
        ByteBuffer encoded = UTF_8.encode(CharBuffer.wrap(password));
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        byte[] hash = new byte[length];
        generator.generateBytes(bytes, hash);
        Arrays.fill(bytes, (byte) 0);
        Arrays.fill(encoded.array(), (byte) 0);
        return hash;
    }

    /// Without the hash.
    @Override
    public String toString() {
        return "PasswordHash[" + cost + "]";
    }
}
