package io.switchboard.server.auth;

import io.switchboard.server.StartFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A file with a user on each line: `name:hash:roles`, the roles with commas between them. Empty
/// lines, and those that begin with `#`, are remarks.
public final class UsersFile {
    private static final String FORM = "name:hash:role,role";

    private UsersFile() {}

    /// @param roles for the access rules
    record User(String name, PasswordHash hash, Set<String> roles) {}

    /// @throws StartFailure naming file and line, and nothing of what stands there but the name
    static Map<String, User> read(Path file) throws StartFailure {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new StartFailure(
                    "auth.users " + file + ": cannot be read: " + StartFailure.reason(e), e);
        }
        Map<String, User> users = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String problem;
            try {
                User user = user(line);
                problem =
                        users.putIfAbsent(user.name, user) == null
                                ? null
                                : user.name + " stands here again";
            } catch (IllegalArgumentException e) {
                problem = String.valueOf(e.getMessage());
            }
            if (problem != null) {
                throw new StartFailure(file + " line " + (i + 1) + ": " + problem);
            }
        }
        return users;
    }

    /// The roles of one of the users; null if there is no such user.
    ///
    /// @throws StartFailure if the file is wrong
    public static @Nullable Set<String> roles(Path file, String name) throws StartFailure {
        User user = read(file).get(name);
        return user == null ? null : user.roles;
    }

    private static User user(String line) {
        String[] parts = line.split(":", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException(
                    "expected " + FORM + " but was something with " + parts.length + " parts");
        }
        checkName(parts[0]);
        PasswordHash hash = PasswordHash.parse(parts[1]);
        if (hash == null) {
            throw new IllegalArgumentException(
                    "the hash of "
                            + parts[0]
                            + " is neither argon2id nor bcrypt within the bounds: make one with"
                            + " 'switchboard passwd'");
        }
        return new User(parts[0], hash, parts.length == 2 ? Set.of() : roles(parts[2]));
    }

    private static Set<String> roles(String text) {
        Set<String> roles = new TreeSet<>();
        for (String role : text.split(",", -1)) {
            if (!role.isBlank()) {
                checkName(role.strip());
                roles.add(role.strip());
            }
        }
        return roles;
    }

    private static void checkName(String name) {
        if (name.isBlank()
                || name.startsWith("#")
                || !name.equals(name.strip())
                || name.length() > 128
                || name.codePoints().anyMatch(c -> c == ':' || c == ',' || c < ' ' || c == 127)) {
            throw new IllegalArgumentException(
                    "expected a name of 1 to 128 characters without colon and comma");
        }
    }

    /// Adds a user, or gives one another password; the rest of the file stays as it is. The new
    /// file takes the place of the old one at once, and nobody but its owner may read it.
    ///
    /// @param roles null to keep those that are there
    /// @return whether the user was there before
    /// @throws IllegalArgumentException if a name cannot be in such a file
    public static boolean put(Path file, String name, char[] password, @Nullable List<String> roles)
            throws IOException {
        checkName(name);
        Set<String> given = roles == null ? Set.of() : roles(String.join(",", roles));
        List<String> lines =
                Files.exists(file) ? new ArrayList<>(Files.readAllLines(file)) : new ArrayList<>();
        int at = -1;
        for (int i = 0; i < lines.size() && at < 0; i++) {
            at = lines.get(i).strip().startsWith(name + ":") ? i : -1;
        }
        String hash = PasswordHash.of(password, new SecureRandom()).text();
        String kept = "";
        if (at >= 0 && roles == null) {
            String[] parts = lines.get(at).strip().split(":", -1);
            kept = parts.length > 2 ? parts[2] : "";
        }
        String line = name + ":" + hash + ":" + (roles == null ? kept : String.join(",", given));
        if (at < 0) {
            lines.add(line);
        } else {
            lines.set(at, line);
        }
        replace(file, String.join("\n", lines) + "\n");
        return at >= 0;
    }

    static void replace(Path file, String text) throws IOException {
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path folder = target.getParent();
        if (folder == null) {
            throw new FileSystemException(file.toString(), null, "is no file");
        }
        Files.createDirectories(folder);
        Path fresh = Files.createTempFile(folder, ".users", ".new", attributes(folder));
        try {
            Files.writeString(fresh, text);
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            if (Files.exists(target) && !Files.getOwner(target).equals(Files.getOwner(fresh))) {
                Files.setOwner(fresh, Files.getOwner(target));
            }
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static FileAttribute<?>[] attributes(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
