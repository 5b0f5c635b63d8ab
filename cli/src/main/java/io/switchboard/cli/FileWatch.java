package io.switchboard.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Finds out whether files have other content than before. Looks at the files themselves, through
/// links, again and again: that sees every way in which they are replaced (written over, renamed
/// over, a link that is turned to another directory), on every file system. Owned by one thread.
final class FileWatch {
    private static final String ABSENT = "absent";

    private List<Path> files;
    private Map<Path, String> content;

    /// Date, size and identity at the last look, and when the content was looked at.
    private Map<Path, String> outside;

    private Map<Path, String> settled;

    FileWatch(List<Path> files) {
        this.files = List.copyOf(files);
        outside = outside();
        settled = outside;
        content = content();
    }

    /// Looks at these from now on.
    void files(List<Path> others) {
        if (!files.equals(others)) {
            files = List.copyOf(others);
            restart();
        }
    }

    /// @param told whether they are to be read whatever has changed; what was changed before is no
    ///   reason then to read them once more
    /// @return whether they are to be read now
    boolean due(boolean told) {
        if (told) {
            restart();
        }
        return told || changed();
    }

    private void restart() {
        outside = outside();
        settled = outside;
        content = content();
    }

    /// @return whether something has changed and has stayed as it is since the last look, so that
    ///   nobody is in the middle of writing it
    boolean changed() {
        Map<Path, String> before = outside;
        outside = outside();
        if (outside.equals(settled) || !outside.equals(before)) {
            return false;
        }
        settled = outside;
        Map<Path, String> now = content();
        boolean other = !now.equals(content);
        content = now;
        return other;
    }

    private Map<Path, String> outside() {
        Map<Path, String> found = new LinkedHashMap<>();
        for (Path file : files) {
            try {
                BasicFileAttributes it = Files.readAttributes(file, BasicFileAttributes.class);
                found.put(file, it.lastModifiedTime() + " " + it.size() + " " + it.fileKey());
            } catch (IOException e) {
                found.put(file, ABSENT);
            }
        }
        return found;
    }

    private Map<Path, String> content() {
        Map<Path, String> found = new LinkedHashMap<>();
        for (Path file : files) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                found.put(file, HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file))));
            } catch (IOException e) {
                found.put(file, ABSENT);
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError("every Java platform has SHA-256", e);
            }
        }
        return found;
    }
}
