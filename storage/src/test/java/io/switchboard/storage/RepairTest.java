package io.switchboard.storage;

import static io.switchboard.storage.DamageTest.file;
import static io.switchboard.storage.DamageTest.flip;
import static io.switchboard.storage.OpenStore.put;
import static io.switchboard.storage.OpenStore.remove;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.Journal.Change;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files, looked at and repaired.
class RepairTest {
    private static final String A = "/queue/a";
    private static final int MESSAGES = 400;
    private static final String BODY = "x".repeat(1_000);
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);

    @TempDir Path folder;
    private Path data;
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void nameTheDirectory() {
        data = folder.resolve("data");
    }

    private OpenStore filled() {
        OpenStore store = new OpenStore(data);
        for (int i = 1; i <= MESSAGES; i++) {
            store.store(put(A, (1L << 32) + i, BODY));
        }
        store.store(remove(A, (1L << 32) + 1));
        store.store(new Change.Set("/queue/b", "name", "value".getBytes()));
        return store;
    }

    private boolean check() {
        said.clear();
        return StoreCheck.run(data, said::add);
    }

    private boolean repair() {
        said.clear();
        return StoreRepair.run(data, CLOCK, said::add);
    }

    private List<String> all() {
        try (OpenStore store = new OpenStore(data)) {
            return store.all();
        }
    }

    private static List<String> lengths(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("LOG"))
                    .sorted()
                    .map(file -> file.getFileName() + " " + file.toFile().length())
                    .toList();
        }
    }

    @Test
    void whatIsWellIsSaidToBe() {
        filled().close();
        assertThat(check()).isTrue();
        assertThat(said)
                .anyMatch(line -> line.matches("\\d+\\.sst: \\d+ entries, good"))
                .contains(MESSAGES + " messages and values of 2 destinations");
    }

    @Test
    void lookingChangesNothing() throws IOException {
        filled().kill();
        Path log = file(data, ".log");
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            channel.truncate(Files.size(log) - 1);
        }
        List<String> before = lengths(data.resolve("messages"));
        assertThat(check()).isTrue();
        assertThat(said).anyMatch(line -> line.contains("not finished"));
        assertThat(lengths(data.resolve("messages"))).isEqualTo(before);
    }

    @Test
    void aLastWriteThatIsGarbledIsNoDamageAsForTheStart() throws IOException {
        filled().kill();
        Path log = file(data, ".log");
        flip(log, Files.size(log) - 5, 1);
        List<String> before = lengths(data.resolve("messages"));
        assertThat(check()).isTrue();
        assertThat(said)
                .anyMatch(line -> line.contains("not finished"))
                // The value, of another destination, was the last.
                .contains((MESSAGES - 1) + " messages and values of 1 destinations");
        assertThat(repair()).isTrue();
        assertThat(said).contains("nothing to repair");
        assertThat(lengths(data.resolve("messages"))).isEqualTo(before);
        assertThat(all()).hasSize(MESSAGES - 1);
    }

    @Test
    void aLastWriteOfManyBlocksThatIsGarbledInItsFirstIsNoDamage() throws IOException {
        OpenStore store = filled();
        Path log = file(data, ".log");
        long end = Files.size(log);
        store.store(put(A, (1L << 32) + 1_000, "y".repeat(100_000)));
        store.kill();
        flip(log, end + 50, 1);
        assertThat(check()).isTrue();
        assertThat(said).contains(MESSAGES + " messages and values of 2 destinations");
        assertThat(all()).hasSize(MESSAGES);
    }

    @Test
    void aLastWriteWithPagesThatWereNeverWrittenIsNoDamage() throws IOException {
        OpenStore store = filled();
        Path log = file(data, ".log");
        long end = Files.size(log);
        store.store(put(A, (1L << 32) + 1_000, "y".repeat(200_000)));
        store.kill();
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            int block = 32 << 10;
            channel.write(ByteBuffer.allocate(block), (end / block + 2) * block);
        }
        assertThat(check()).isTrue();
        assertThat(said).contains(MESSAGES + " messages and values of 2 destinations");
        assertThat(all()).hasSize(MESSAGES);
    }

    @Test
    void whatAnotherVersionWroteIsLeftToIt() throws IOException {
        filled().close();
        Path format = data.resolve("messages/FORMAT");
        Files.writeString(format, "switchboard messages, version 2\n");
        List<String> before = lengths(data.resolve("messages"));
        for (Runnable look : List.<Runnable>of(this::check, this::repair)) {
            assertThatThrownBy(look::run)
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining("format version 2")
                    .hasMessageContaining("knows only version 1");
            assertThat(said).isEmpty();
        }
        assertThat(format).hasContent("switchboard messages, version 2");
        assertThat(lengths(data.resolve("messages"))).isEqualTo(before);
        try (Stream<Path> beside = Files.list(data)) {
            assertThat(beside.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("messages", "messages.lock");
        }
    }

    @Test
    void aFormatThatNamesNoVersionIsMended() throws IOException {
        filled().close();
        Path format = data.resolve("messages/FORMAT");
        flip(format, 3, 2);
        assertThat(check()).isFalse();
        assertThat(said).anyMatch(line -> line.contains(format + ": expected"));
        assertThat(repair()).isTrue();
        assertThat(format).hasContent("switchboard messages, version 1");
        assertThat(all()).hasSize(MESSAGES);
        Files.delete(format);
        assertThat(check()).isFalse();
    }

    @Test
    void aDirectoryInUseOrWithoutMessagesIsNotLookedAt() throws IOException {
        OpenStore store = filled();
        assertThatThrownBy(this::check)
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("in use");
        store.close();
        data = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(this::check)
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("there are no messages in " + data);
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void whatIsWellIsNotRepaired() throws IOException {
        filled().close();
        List<String> before = lengths(data.resolve("messages"));
        assertThat(repair()).isTrue();
        assertThat(said).contains("nothing to repair");
        assertThat(lengths(data.resolve("messages"))).isEqualTo(before);
    }

    @Test
    void ofATableOnlyTheDamagedBlockIsLost() throws IOException {
        filled().close();
        Path table = file(data, ".sst");
        flip(table, Files.size(table) / 2, 1);

        assertThat(check()).isFalse();
        assertThat(said).anyMatch(line -> line.startsWith(table.getFileName() + ": damaged: "));
        assertThat(repair()).isFalse();

        assertThat(said)
                .filteredOn(line -> line.startsWith("missing behind message "))
                .singleElement()
                .asString()
                .contains(" of " + A + " up to message ")
                .contains(table.getFileName().toString())
                .contains("offset");
        Path aside = data.resolve("messages.damaged-20261122-120000");
        assertThat(said).contains("the damaged files are kept in " + aside);
        assertThat(aside.resolve(table.getFileName())).exists();
        List<String> left = all();
        // A block holds some sixteen of these.
        assertThat(left).hasSizeBetween(MESSAGES - 40, MESSAGES - 5);
        assertThat(left).first().asString().startsWith(A + ": " + ((1L << 32) + 2) + "=");
        assertThat(left).contains(A + ": " + ((1L << 32) + MESSAGES) + "=" + BODY);
        assertThat(left).last().isEqualTo("/queue/b: name=value");
        assertThat(check()).isTrue();
    }

    @Test
    void ofALogOnlyTheDamagedWriteIsLost() throws IOException {
        filled().kill();
        Path log = file(data, ".log");
        flip(log, Files.size(log) / 2, 1);

        assertThat(check()).isFalse();
        assertThat(said)
                .anyMatch(line ->
                        line.startsWith(log.getFileName() + ": ")
                                && line.contains("damaged at offset "));
        assertThat(repair()).isFalse();
        assertThat(said)
                .anyMatch(line -> line.startsWith(log.getFileName() + " cannot be read from "));
        assertThat(all()).hasSize(MESSAGES - 1);
    }

    @Test
    void aLogThatIsMissingIsDamageAsForTheStart() throws IOException {
        filled().close();
        Files.delete(file(data, ".log"));
        assertThatThrownBy(() -> new OpenStore(data)).hasMessageContaining("log is missing");
        assertThat(check()).isFalse();
        assertThat(repair()).isFalse();
        assertThat(said).anyMatch(line -> line.contains("what was written last"));
        assertThat(all()).hasSize(MESSAGES);
    }

    @Test
    void aTableThatCannotBeOpenedIsLeftOut() throws IOException {
        filled().close();
        Path table = file(data, ".sst");
        OpenStore more = new OpenStore(data);
        more.store(put(A, (1L << 32) + 1_000, "later"));
        more.close();
        flip(table, Files.size(table) - 30, 10);

        assertThat(check()).isFalse();
        assertThat(repair()).isFalse();
        assertThat(said)
                .filteredOn(line -> line.startsWith(table.getFileName() + ", with "))
                .singleElement()
                .asString()
                .contains("message ")
                .contains(" of " + A + " to ");
        assertThat(all()).contains(A + ": " + ((1L << 32) + 1_000) + "=later");
    }

    @Test
    void withoutTheFileThatNamesTheRestMessagesAreSaved() throws IOException {
        filled().close();
        OpenStore more = new OpenStore(data);
        more.store(put(A, (1L << 32) + 1_000, "later"));
        more.kill();
        Files.delete(data.resolve("messages/CURRENT"));

        assertThat(check()).isFalse();
        assertThat(repair()).isFalse();
        assertThat(said).anyMatch(line -> line.contains("one by one"));
        assertThat(all())
                .hasSizeGreaterThanOrEqualTo(MESSAGES + 1)
                .contains(A + ": " + ((1L << 32) + 1_000) + "=later")
                .contains("/queue/b: name=value");
    }

    @Test
    void aLostCountOfStartsGoesOnBehindAllThatIsStored() throws IOException {
        filled().close();
        Files.writeString(data.resolve("messages/INCARNATION"), "rubbish");
        assertThat(check()).isFalse();
        assertThat(repair()).isTrue();
        try (OpenStore store = new OpenStore(data)) {
            assertThat(store.store.incarnation()).isGreaterThan(1_000);
        }
    }

    @Test
    void aLostCountOfStartsGoesOnBehindWhatIsInTheLogToo() throws IOException {
        OpenStore written = filled();
        written.store(put(A, 5_000L << 32, BODY));
        written.kill();
        Files.writeString(data.resolve("messages/INCARNATION"), "rubbish");
        assertThat(repair()).isTrue();
        assertThat(said).contains("saved " + (MESSAGES + 1) + " messages and values");
        try (OpenStore store = new OpenStore(data)) {
            assertThat(store.store.incarnation()).isGreaterThan(6_000);
        }
    }

    @Test
    void aRepairThatWasInterruptedIsFinished() throws IOException {
        filled().close();
        Files.move(data.resolve("messages"), data.resolve("messages.repaired"));
        assertThatThrownBy(() -> new OpenStore(data))
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("interrupted")
                .hasMessageContaining("--repair");
        assertThat(repair()).isTrue();
        assertThat(all()).hasSize(MESSAGES);
    }
}
