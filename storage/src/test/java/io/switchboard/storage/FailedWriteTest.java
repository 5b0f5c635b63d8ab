package io.switchboard.storage;

import static io.switchboard.storage.OpenStore.put;
import static io.switchboard.storage.OpenStore.remove;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.switchboard.broker.Disconnect;
import io.switchboard.broker.Journal.Change;
import io.switchboard.broker.Post;
import io.switchboard.broker.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/// What the disk did not take is as if it had never been, now and after a restart.
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FailedWriteTest {
    private static final String A = "/queue/a";

    @TempDir Path folder;

    private Path data() {
        return folder.resolve("data");
    }

    /// Fails the writes that it is told to.
    private static final class Failing implements Store.Faults {
        volatile boolean fail;
        volatile boolean afterwards;
        volatile Status.SubCode reason = Status.SubCode.None;
        volatile long free = 1L << 40;

        @Override
        public Writer.Disk disk(Writer.Disk real) {
            return batch -> {
                if (!fail) {
                    real.write(batch);
                    return;
                }
                fail = false;
                if (afterwards) {
                    real.write(batch);
                }
                throw new RocksDBException(
                        "made to fail", new Status(Status.Code.IOError, reason, "made to fail"));
            };
        }

        @Override
        public LongSupplier free(LongSupplier real) {
            return () -> free;
        }
    }

    private void failsAsIfItHadNeverBeen(Failing faults) {
        OpenStore store = new OpenStore(data(), new StoreOptions(0), faults);
        assertThat(store.store(put(A, 1, "one"), put(A, 2, "two"))).isNull();
        store.store(new Change.Set(A, "name", "old".getBytes()));

        faults.fail = true;
        Refusal refusal =
                store.store(
                        put(A, 3, "three"),
                        remove(A, 1),
                        new Change.RemoveThrough(A, OpenStore.EPOCH, 2),
                        new Change.Set(A, "name", "new".getBytes()));
        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).isEqualTo(Disconnect.STORE_FAILED);
        assertThat(store.store.reading().failures()).isEqualTo(1);

        String[] left = {A + ": name=old", A + ": 1=one", A + ": 2=two"};
        assertThat(store.all()).containsExactly(left);
        assertThat(store.store(put(A, 4, "four"))).isNull();
        store.kill();
        try (OpenStore again = new OpenStore(data())) {
            assertThat(again.all()).startsWith(left).endsWith(A + ": 4=four").hasSize(4);
        }
    }

    @Test
    void aWriteThatNeverReachedTheDisk() {
        failsAsIfItHadNeverBeen(new Failing());
    }

    @Test
    void aWriteThatReachedItAllTheSame() {
        Failing faults = new Failing();
        faults.afterwards = true;
        failsAsIfItHadNeverBeen(faults);
    }

    @Test
    void aDirectoryThatIsMovedAwayIsFullUntilItIsBack() throws IOException {
        AtomicLong nanos = new AtomicLong();
        Store.Faults clock =
                new Store.Faults() {
                    @Override
                    public LongSupplier nanoTime() {
                        return () -> nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
                    }
                };
        Path messages = data().resolve("messages");
        Path elsewhere = folder.resolve("elsewhere");
        try (OpenStore store = new OpenStore(data(), new StoreOptions(1), clock)) {
            assertThat(store.store(put(A, 1, "one"))).isNull();
            Files.move(messages, elsewhere);
            for (int i = 0; i < 2; i++) {
                Refusal refusal = store.store(put(A, 2, "two"));
                assertThat(refusal).isNotNull();
                assertThat(refusal.reason()).isEqualTo(Disconnect.STORE_FULL);
            }
            Files.move(elsewhere, messages);
            assertThat(store.store(put(A, 3, "three"))).isNull();
            assertThat(store.all()).containsExactly(A + ": 1=one", A + ": 3=three");
        }
    }

    @Test
    void aFullDiskIsSaidToBeFull() {
        Failing faults = new Failing();
        faults.reason = Status.SubCode.NoSpace;
        try (OpenStore store = new OpenStore(data(), new StoreOptions(0), faults)) {
            faults.fail = true;
            Refusal refusal = store.store(put(A, 1, "one"));
            assertThat(refusal).isNotNull();
            assertThat(refusal.reason()).isEqualTo(Disconnect.STORE_FULL);
            assertThat(refusal.detail()).contains("data-reserve");
            assertThat(store.store(put(A, 2, "two"))).isNull();
        }
    }

    @Test
    void belowTheReserveMessagesAreRefusedUntilThereIsRoomAndRemovalsAreNot() {
        Failing faults = new Failing();
        try (OpenStore store = new OpenStore(data(), new StoreOptions(1_000_000), faults)) {
            assertThat(store.store(put(A, 1, "one"))).isNull();
            faults.free = 999_999;
            await().atMost(Duration.ofSeconds(30)).until(() -> store.store(put(A, 2, "x")) != null);
            assertThat(store.store(put(A, 2, "x")).reason()).isEqualTo(Disconnect.STORE_FULL);
            assertThat(store.store(remove(A, 1))).isNull();
            faults.free = 1L << 40;
            await().atMost(Duration.ofSeconds(30)).until(() -> store.store(put(A, 3, "x")) == null);
        }
    }

    /// A file system of 144 MiB that fills up in the middle of writes, flushes and compactions.
    @Test
    void aDiskThatRunsFullForGoodLosesNothingAndGoesOnWhenThereIsRoom() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=144m", "tmpfs", disk.toString()))
                .as("a file system of its own can be mounted here")
                .isZero();
        try {
            fillUp(disk);
        } finally {
            assertThat(run("umount", disk.toString())).isZero();
        }
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException noSuchCommand) {
            return -1;
        }
    }

    private static void fillUp(Path disk) throws IOException {
        Path data = disk.resolve("data");
        Path ballast = disk.resolve("ballast");
        // To be opened again a store writes what it has in memory, 32 MiB at most, to a table.
        Files.write(ballast, new byte[64 << 20]);
        byte[] body = new byte[100_000];
        List<String> stored = new ArrayList<>();
        int refused = 0;
        OpenStore store = new OpenStore(data, new StoreOptions(0), Store.Faults.NONE);
        int sequence = 0;
        while (refused < 200) {
            for (int i = 0; i < 20; i++) {
                store.append(put(A, ++sequence, body));
            }
            for (int i = 0; i < 20; i++) {
                Post.Stored answer = (Post.Stored) store.answer();
                Change.Put put = (Change.Put) answer.batch().changes().get(0);
                if (answer.failure() == null) {
                    stored.add(A + ": " + put.message().sequence() + "=");
                } else {
                    assertThat(answer.failure().reason()).isEqualTo(Disconnect.STORE_FULL);
                    refused++;
                }
            }
        }
        assertThat(stored).hasSizeGreaterThan(100);
        Files.delete(ballast);
        int next = sequence + 1;
        await().atMost(Duration.ofSeconds(60)).until(() -> store.store(put(A, next, "x")) == null);
        stored.add(A + ": " + next + "=");
        assertThat(places(store.all())).isEqualTo(stored);
        store.kill();
        try (OpenStore again = new OpenStore(data)) {
            assertThat(places(again.all())).isEqualTo(stored);
        }
    }

    private static List<String> places(List<String> all) {
        return all.stream().map(line -> line.substring(0, line.indexOf('=') + 1)).toList();
    }
}
