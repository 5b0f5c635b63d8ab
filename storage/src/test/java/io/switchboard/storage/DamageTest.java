package io.switchboard.storage;

import static io.switchboard.storage.OpenStore.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a start makes of files that are not as they were left: real ones, with bytes changed.
class DamageTest {
    private static final String A = "/queue/a";
    private static final int MESSAGES = 200;
    private static final String BODY = "x".repeat(1_000);

    /// Of a log.
    private static final int BLOCK = 32 << 10;

    @TempDir Path folder;
    private Path data;

    @BeforeEach
    void nameTheDirectory() {
        data = folder.resolve("data");
    }

    private void fill() {
        OpenStore store = new OpenStore(data);
        for (int i = 1; i <= MESSAGES; i++) {
            assertThat(store.store(put(A, i, BODY))).isNull();
        }
        store.kill();
    }

    static Path file(Path data, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("messages"))) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .max(java.util.Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    static void flip(Path file, long at, int count) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate(count);
            channel.read(bytes, at);
            for (int i = 0; i < bytes.position(); i++) {
                bytes.put(i, (byte) ~bytes.get(i));
            }
            channel.write(bytes.flip(), at);
        }
    }

    private static void zero(Path file, long at, int count) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(count), at);
        }
    }

    private static void truncate(Path file, long length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }

    private void refusesToStart(Path damaged) throws IOException {
        refusesToStart(damaged, "");
    }

    private void refusesToStart(Path damaged, String text) throws IOException {
        List<Long> before = lengths();
        assertThatThrownBy(() -> new OpenStore(data))
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("damaged")
                .hasMessageContaining(damaged.getFileName().toString())
                .hasMessageContaining("switchboard check --data " + data)
                .hasMessageContaining("--repair")
                .message()
                .contains(text)
                .doesNotContain("\n");
        assertThat(lengths()).as("the files are as they were").isEqualTo(before);
    }

    private List<Long> lengths() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("messages"))) {
            return files.filter(file -> file.toString().matches(".*\\.(sst|log)"))
                    .sorted()
                    .map(file -> file.toFile().length())
                    .toList();
        }
    }

    @Nested
    class TheLastWrite {
        @Test
        void tornAnywhereIsDropped() throws IOException {
            for (int cut : new int[] {1, 500, 1_030}) {
                nameDirectory("cut" + cut);
                fill();
                Path log = file(data, ".log");
                truncate(log, Files.size(log) - cut);
                restartsWith(MESSAGES - 1);
            }
        }

        @Test
        void garbledIsDropped() throws IOException {
            fill();
            Path log = file(data, ".log");
            flip(log, Files.size(log) - 300, 20);
            restartsWith(MESSAGES - 1);
        }

        @Test
        void droppedOnceIsNoDamageLater() throws IOException {
            fill();
            Path log = file(data, ".log");
            truncate(log, Files.size(log) - 1);
            for (int i = 0; i < 3; i++) {
                OpenStore store = new OpenStore(data);
                store.store(put(A, 1_000 + i, "later"));
                store.kill();
            }
            restartsWith(MESSAGES - 1 + 3);
        }

        /// Pages of one write may reach the disk in any order.
        @Test
        void withPagesThatWereNeverWrittenIsDropped() throws IOException {
            for (int skip = 0; skip < 3; skip++) {
                nameDirectory("blank" + skip);
                OpenStore store = new OpenStore(data);
                store.store(put(A, 1, BODY));
                store.store(put(A, 2, "y".repeat(150_000)));
                store.kill();
                zero(file(data, ".log"), (1L + skip) * BLOCK, BLOCK);
                restartsWith(1);
            }
        }

        @Test
        void thatBeganAndNeverWroteMoreIsDropped() throws IOException {
            fill();
            Path log = file(data, ".log");
            Files.write(log, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
            restartsWith(MESSAGES);
        }

        private void nameDirectory(String name) {
            data = folder.resolve(name);
        }

        private void restartsWith(int count) {
            try (OpenStore store = new OpenStore(data)) {
                assertThat(store.all()).hasSize(count).first().asString().contains(": 1=");
            }
            try (OpenStore store = new OpenStore(data)) {
                assertThat(store.all()).hasSize(count);
            }
        }
    }

    @Nested
    class TheLog {
        @Test
        void damagedInItsMiddleIsRefused() throws IOException {
            fill();
            Path log = file(data, ".log");
            long at = Files.size(log) / 2;
            flip(log, at, 4);
            refusesToStart(log, "at offset ");
        }

        @Test
        void damagedInTheLastWriteButOneIsRefused() throws IOException {
            fill();
            Path log = file(data, ".log");
            flip(log, Files.size(log) - 1_500, 1);
            refusesToStart(log, "at offset ");
        }

        @Test
        void withABlankPageIsRefused() throws IOException {
            fill();
            Path log = file(data, ".log");
            zero(log, 2 * BLOCK, BLOCK);
            refusesToStart(log, "at offset ");
        }

        /// The write behind the hole is the last of all.
        @Test
        void withZerosBeforeItsLastWriteIsRefused() throws IOException {
            for (boolean all : new boolean[] {true, false}) {
                data = folder.resolve("zeros" + all);
                long third = fillABlockAndOneMore();
                Path log = file(data, ".log");
                long from = all ? 0 : third;
                zero(log, from, (int) (BLOCK - from));
                refusesToStart(log, "at offset " + from + ": ");
            }
        }

        /// @return where the third write begins
        private long fillABlockAndOneMore() throws IOException {
            OpenStore store = new OpenStore(data);
            store.store(put(A, 1, BODY));
            long first = Files.size(file(data, ".log"));
            store.store(put(A, 2, BODY));
            long third = Files.size(file(data, ".log"));
            long write = third - first;
            long end = third;
            int sequence = 3;
            for (; BLOCK - end > 2 * write; end += write) {
                store.store(put(A, sequence++, BODY));
            }
            int body = (int) (BLOCK - end - write + BODY.length());
            store.store(put(A, sequence++, "x".repeat(body)));
            assertThat(Files.size(file(data, ".log"))).isEqualTo(BLOCK);
            store.store(put(A, sequence, BODY));
            store.kill();
            return third;
        }

        @Test
        void thatIsMissingIsRefused() throws IOException {
            fill();
            Path log = file(data, ".log");
            Files.delete(log);
            refusesToStart(log.getParent(), "log is missing");
        }

        @Test
        void withBlocksThatAreMissingIsRefused() throws IOException {
            fill();
            Path log = file(data, ".log");
            byte[] all = Files.readAllBytes(log);
            byte[] less = new byte[all.length - (32 << 10)];
            System.arraycopy(all, 0, less, 0, 32 << 10);
            System.arraycopy(all, 64 << 10, less, 32 << 10, all.length - (64 << 10));
            Files.write(log, less);
            refusesToStart(log, "at offset ");
        }
    }

    @Nested
    class ATable {
        private void flushed() {
            try (OpenStore store = new OpenStore(data)) {
                for (int i = 1; i <= MESSAGES; i++) {
                    store.store(put(A, i, BODY));
                }
            }
        }

        @Test
        void damagedInItsDataIsRefusedWhenItIsRead() throws IOException {
            flushed();
            Path table = file(data, ".sst");
            flip(table, Files.size(table) / 2, 1);
            try (OpenStore store = new OpenStore(data)) {
                assertThatThrownBy(store::all)
                        .isInstanceOf(StoreFailure.class)
                        .hasMessageContaining("damaged")
                        .hasMessageContaining(table.getFileName().toString())
                        .hasMessageContaining("offset")
                        .hasMessageContaining("--repair");
            }
        }

        @Test
        void damagedAtItsEndIsRefused() throws IOException {
            flushed();
            Path table = file(data, ".sst");
            flip(table, Files.size(table) - 30, 10);
            refusesToStart(table);
        }

        @Test
        void thatIsMissingIsRefused() throws IOException {
            flushed();
            Path table = file(data, ".sst");
            Files.delete(table);
            refusesToStart(table);
        }

        @Test
        void cutShortIsRefused() throws IOException {
            flushed();
            Path table = file(data, ".sst");
            truncate(table, Files.size(table) / 2);
            refusesToStart(table);
        }
    }

    @Nested
    class WhatNamesTheRest {
        @Test
        void damagedIsRefused() throws IOException {
            fill();
            Path manifest;
            try (Stream<Path> files = Files.list(data.resolve("messages"))) {
                manifest =
                        files.filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
                                .findFirst()
                                .orElseThrow();
            }
            flip(manifest, 20, 4);
            assertThatThrownBy(() -> new OpenStore(data))
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining("damaged")
                    .hasMessageContaining("--repair");
        }

        @Test
        void missingIsRefused() throws IOException {
            fill();
            new OpenStore(data).close();
            assertThat(file(data, ".sst")).exists();
            Files.delete(data.resolve("messages/CURRENT"));
            refusesToStart(Path.of("CURRENT"));
        }

        @Test
        void notYetMadeIsMade() throws IOException {
            Layout layout = Layout.lock(data);
            layout.prepare();
            layout.close();
            assertThat(data.resolve("messages/CURRENT")).doesNotExist();
            try (OpenStore store = new OpenStore(data)) {
                assertThat(store.all()).isEmpty();
            }
        }

        @Test
        void aCountOfStartsThatIsGoneIsRefused() throws IOException {
            fill();
            Files.delete(data.resolve("messages/INCARNATION"));
            refusesToStart(Path.of("INCARNATION"));
        }
    }
}
