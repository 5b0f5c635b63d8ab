package io.switchboard.storage;

import static io.switchboard.storage.DamageTest.file;
import static io.switchboard.storage.DamageTest.flip;
import static io.switchboard.storage.OpenStore.put;
import static io.switchboard.storage.OpenStore.remove;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a repair makes of damaged logs: message 1 is in a table, 2 to 100 are in the log, and then
/// 1 and 2 are removed.
class LogSalvageTest {
    private static final String A = "/queue/a";
    private static final int LAST = 100;
    private static final int BLOCK = 32 << 10;
    private static final int HEADER = 7;

    @TempDir Path folder;
    private Path data;
    private Path log;
    private final List<Long> offsets = new ArrayList<>();
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void fill() throws IOException {
        data = folder.resolve("data; x={ y");
        try (OpenStore store = new OpenStore(data)) {
            store.store(put(A, 1, "in a table"));
        }
        OpenStore store = new OpenStore(data);
        for (int i = 2; i <= LAST; i++) {
            store.store(put(A, i, "x".repeat(1_000)));
        }
        store.store(remove(A, 1));
        store.store(remove(A, 2));
        store.kill();
        log = file(data, ".log");
        LogFile.read(log, (offset, end, write) -> offsets.add(offset));
        assertThat(offsets).hasSize(LAST + 1);
    }

    private long offset(int message) {
        return offsets.get(message - 2);
    }

    private String stretch(long from, long to) {
        return log.getFileName() + " cannot be read from offset " + from + " to " + to + ": ";
    }

    private void repair(String... stretches) {
        assertThat(StoreRepair.run(data, Clock.systemUTC(), said::add)).isFalse();
        assertThat(said)
                .filteredOn(line -> line.contains("cannot be read from"))
                .hasSize(stretches.length);
        for (String stretch : stretches) {
            assertThat(said).anyMatch(line -> line.startsWith(stretch));
        }
        assertThat(data.resolve("messages.no-logs")).doesNotExist();
        said.clear();
        assertThat(StoreCheck.run(data, said::add)).isTrue();
    }

    /// Of those that were not removed.
    private void allAreThereBut(Integer... lost) {
        List<String> expected = new ArrayList<>();
        for (int i = 3; i <= LAST; i++) {
            if (!List.of(lost).contains(i)) {
                expected.add(A + ": " + i);
            }
        }
        assertThat(left()).isEqualTo(expected);
    }

    private List<String> left() {
        try (OpenStore store = new OpenStore(data)) {
            return store.all().stream().map(line -> line.replaceAll("=.*", "")).toList();
        }
    }

    @Test
    void aWriteIsLostAlone() throws IOException {
        flip(log, offset(40) + 500, 4);
        repair(stretch(offset(40), offset(41)));
        allAreThereBut(40);
    }

    @Test
    void aWriteWhoseLengthIsGarbledIsLostAlone() throws IOException {
        flip(log, offset(40) + 4, 2);
        repair(stretch(offset(40), offset(41)));
        allAreThereBut(40);
    }

    @Test
    void aWriteThatCrossesBlocksIsLostWithAllItsPieces() throws IOException {
        for (int piece : new int[] {-20, HEADER + 20}) {
            offsets.clear();
            data = folder.resolve("other");
            folder = folder.resolve("next");
            fill();
            int crossing = 2;
            while (offset(crossing + 1) < BLOCK) {
                crossing++;
            }
            assertThat(offset(crossing + 1) - BLOCK).isBetween(100L, 980L);
            flip(log, BLOCK + piece, 1);
            repair(stretch(offset(crossing), offset(crossing + 1)));
            allAreThereBut(crossing);
        }
    }

    @Test
    void eachStretchIsNamed() throws IOException {
        flip(log, offset(10) + 500, 4);
        flip(log, offset(50) + 5, 1_200);
        flip(log, offset(90) + 6, 1);
        repair(
                stretch(offset(10), offset(11)),
                stretch(offset(50), offset(52)),
                stretch(offset(90), offset(91)));
        allAreThereBut(10, 50, 51, 90);
    }

    @Test
    void aBlankPageIsNamedThoughItLooksLikeNothing() throws IOException {
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(BLOCK), BLOCK);
        }
        assertThat(StoreRepair.run(data, Clock.systemUTC(), said::add)).isFalse();
        assertThat(said).filteredOn(line -> line.contains("cannot be read from")).hasSize(1);
        assertThat(left()).hasSizeBetween(LAST - 40, LAST - 30).doesNotContain(A + ": 1");
    }

    @Test
    void zerosBeforeTheFirstWriteAreNamed() throws IOException {
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(BLOCK), 0);
        }
        assertThat(StoreRepair.run(data, Clock.systemUTC(), said::add)).isFalse();
        assertThat(said)
                .anyMatch(line ->
                        line.startsWith(log.getFileName() + " cannot be read from offset 0 to "));
        assertThat(left()).hasSizeBetween(LAST - 40, LAST - 30);
    }

    @Test
    void blocksThatAreMissingAreNamed() throws IOException {
        byte[] all = Files.readAllBytes(log);
        byte[] less = new byte[all.length - BLOCK];
        System.arraycopy(all, 0, less, 0, BLOCK);
        System.arraycopy(all, 2 * BLOCK, less, BLOCK, less.length - BLOCK);
        Files.write(log, less);
        assertThat(StoreRepair.run(data, Clock.systemUTC(), said::add)).isFalse();
        assertThat(said).filteredOn(line -> line.contains("cannot be read from")).hasSize(1);
        assertThat(left()).hasSizeBetween(LAST - 40, LAST - 30).doesNotContain(A + ": 1");
    }

    @Test
    void ofARemovalThatIsLostTheMessageComesAgain() throws IOException {
        flip(log, offset(LAST + 1) + 15, 1);
        repair(stretch(offset(LAST + 1), offset(LAST + 2)));
        assertThat(left()).hasSize(LAST - 1).contains(A + ": 1").doesNotContain(A + ": 2");
    }

    @Test
    void aTornEndIsNoLossBesideADamage() throws IOException {
        flip(log, offset(40) + 500, 4);
        try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
            channel.truncate(Files.size(log) - 1);
        }
        repair(stretch(offset(40), offset(41)));
        assertThat(left()).hasSize(LAST - 2).contains(A + ": 2").doesNotContain(A + ": 40");
    }

    /// As if it had not been deleted yet after its writes had gone into a table.
    @Test
    void aLogWhoseWritesAreInTablesBringsNothingBack() throws IOException {
        byte[] bytes = Files.readAllBytes(log);
        new OpenStore(data).close();
        Files.write(log, bytes);
        flip(log, offset(LAST + 2) + 15, 1);
        Files.write(log, new byte[] {1}, StandardOpenOption.APPEND);
        flip(log, offset(40) + 500, 4);
        assertThat(StoreRepair.run(data, Clock.systemUTC(), said::add)).isFalse();
        allAreThereBut();
    }

    /// Writes of many lengths, with bytes garbled anywhere: what they do not touch is read, what
    /// they touch is not, and each is in a stretch that is named, or in the torn end.
    @Test
    void whatIsNotDamagedIsRead() throws Exception {
        Random random = new Random(1);
        OpenStore store = new OpenStore(data);
        for (int i = 1; i <= 200; i++) {
            int length = random.nextInt(10) == 0 ? 100_000 : random.nextInt(2_000);
            store.store(put(A, 1_000 + i, "y".repeat(length)));
        }
        store.kill();
        log = file(data, ".log");
        byte[] good = Files.readAllBytes(log);
        List<long[]> writes = new ArrayList<>();
        LogFile.read(
                log,
                (offset, end, write) -> writes.add(new long[] {write.getLong(0), offset, end}));
        for (int round = 0; round < 200; round++) {
            byte[] bytes = good.clone();
            Set<Integer> garbled = new TreeSet<>();
            for (int places = 1 + random.nextInt(4); places > 0; places--) {
                int from = random.nextInt(bytes.length);
                int count = 1 + random.nextInt(random.nextBoolean() ? 8 : 3_000);
                for (int at = from; at < Math.min(bytes.length, from + count); at++) {
                    bytes[at] = (byte) (good[at] ^ 1 + random.nextInt(255));
                    garbled.add(at);
                }
            }
            Files.write(log, bytes);
            List<Long> expected = new ArrayList<>();
            for (long[] write : writes) {
                if (garbled.stream().noneMatch(at -> at >= write[1] && at < write[2])) {
                    expected.add(write[0]);
                }
            }
            List<Long> read = new ArrayList<>();
            said.clear();
            new LogSalvage(log.getParent(), said::add, write -> read.add(write.getLong(0))).copy();
            assertThat(read).as("round %s", round).isEqualTo(expected);
            long end = writes.get((int) (read.getLast() - writes.getFirst()[0]))[2];
            for (int at : garbled) {
                assertThat(at >= end || named(at)).as("round %s: %s", round, at).isTrue();
            }
        }
    }

    private boolean named(int at) {
        return said.stream()
                .map(line -> line.replaceAll(".* offset (\\d+ to \\d+):.*", "$1").split(" to "))
                .anyMatch(it -> at >= Long.parseLong(it[0]) && at < Long.parseLong(it[1]));
    }
}
