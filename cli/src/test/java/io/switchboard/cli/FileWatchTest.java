package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A change is one when it has stayed for two looks.
final class FileWatchTest {
    @TempDir private Path folder;
    private Path file;
    private FileWatch watch;

    @BeforeEach
    void look() throws Exception {
        file = folder.resolve("users");
        Files.writeString(file, "one");
        watch = new FileWatch(List.of(file));
    }

    @Test
    void nothingHasChangedWhereNothingHas() {
        assertThat(watch.changed()).isFalse();
        assertThat(watch.changed()).isFalse();
    }

    @Test
    void whatIsWrittenOverIsSeenAtTheSecondLookAndOnce() throws Exception {
        Files.writeString(file, "other content");
        assertThat(watch.changed()).isFalse();
        assertThat(watch.changed()).isTrue();
        assertThat(watch.changed()).isFalse();
    }

    @Test
    void whatIsReadBecauseOfASignalIsNotReadOnceMoreAndWhatFollowsIs() throws Exception {
        Files.writeString(file, "other content");
        assertThat(watch.due(true)).isTrue();
        assertThat(watch.due(false)).isFalse();
        assertThat(watch.due(false)).isFalse();
        Files.writeString(file, "still other content");
        assertThat(watch.due(false)).isFalse();
        assertThat(watch.due(false)).isTrue();
    }

    @Test
    void whatIsStillBeingWrittenIsWaitedFor() throws Exception {
        for (int i = 0; i < 5; i++) {
            Files.writeString(file, "more and more ".repeat(i + 1));
            assertThat(watch.changed()).isFalse();
        }
        assertThat(watch.changed()).isTrue();
    }

    @Test
    void whatIsRenamedOverItIsSeen() throws Exception {
        Path fresh = folder.resolve("users.new");
        Files.writeString(fresh, "two");
        Files.setLastModifiedTime(fresh, Files.getLastModifiedTime(file));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        watch.changed();
        assertThat(watch.changed()).isTrue();
    }

    /// As Kubernetes replaces what it mounts.
    @Test
    void aLinkToADirectoryThatIsTurnedIsSeen() throws Exception {
        Path old = Files.createDirectory(folder.resolve("..1"));
        Path fresh = Files.createDirectory(folder.resolve("..2"));
        Files.writeString(old.resolve("key"), "one");
        Files.writeString(fresh.resolve("key"), "two");
        Files.createSymbolicLink(folder.resolve("..data"), old);
        Files.createSymbolicLink(folder.resolve("key"), Path.of("..data", "key"));
        FileWatch linked = new FileWatch(List.of(folder.resolve("key")));
        Files.createSymbolicLink(folder.resolve("..tmp"), fresh);
        Files.move(
                folder.resolve("..tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        linked.changed();
        assertThat(linked.changed()).isTrue();
    }

    @Test
    void anotherDateAloneIsNoChange() throws Exception {
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
        watch.changed();
        assertThat(watch.changed()).isFalse();
    }

    @Test
    void aFileThatGoesAndComesIsSeen() throws Exception {
        Files.delete(file);
        watch.changed();
        assertThat(watch.changed()).isTrue();
        Files.writeString(file, "two");
        watch.changed();
        assertThat(watch.changed()).isTrue();
    }
}
