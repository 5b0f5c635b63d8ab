package io.switchboard.storage;

import static io.switchboard.storage.OpenStore.put;
import static io.switchboard.storage.OpenStore.remove;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Journal.Change;
import io.switchboard.broker.Post;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is on the disk follows what is live, not what ever was.
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DiskUseTest {
    private static final int BODY_LENGTH = 16 << 10;

    /// 200 MiB in all.
    private static final int MESSAGES = 12_500;

    /// Half of that: memory tables, their logs, and tables on their way.
    private static final long BOUND = 100L << 20;

    @TempDir Path folder;

    private final Random random = new Random(5);

    private byte[] body() {
        byte[] body = new byte[BODY_LENGTH];
        random.nextBytes(body);
        return body;
    }

    private static long used(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("messages"))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private static void taken(OpenStore store) {
        assertThat(((Post.Stored) store.answer()).failure()).isNull();
    }

    /// A queue of 200 messages that goes on and on, and one message that stays.
    @Test
    void aQueueThatGoesOnAndOnStaysSmall() throws IOException {
        long most = 0;
        try (OpenStore store = new OpenStore(folder)) {
            store.store(put("/queue/stays", 1, body()));
            int live = 200;
            for (int i = 1; i <= MESSAGES; i++) {
                store.append(put("/queue/a", i, body()));
                taken(store);
                if (i > live) {
                    store.append(remove("/queue/a", i - live));
                    taken(store);
                }
                if (i % 500 == 0) {
                    most = Math.max(most, used(folder));
                }
            }
            assertThat(most).isLessThan(BOUND);
        }
    }

    /// A backlog that was read in the end.
    @Test
    void aBacklogThatHasGoneGivesItsSpaceBack() throws Exception {
        try (OpenStore store = new OpenStore(folder)) {
            for (int i = 1; i <= MESSAGES; i++) {
                store.append(put("/queue/a", i, body()));
                taken(store);
            }
            assertThat(used(folder)).isGreaterThan(MESSAGES * (long) BODY_LENGTH * 3 / 4);
            for (int i = 1; i <= MESSAGES; i++) {
                store.append(remove("/queue/a", i));
            }
            for (int i = 1; i <= MESSAGES; i++) {
                taken(store);
            }
            assertThat(awaitLess(BOUND)).isLessThan(BOUND);
        }
    }

    @Test
    void soDoesHistoryThatWasRemovedUpToAPlace() throws Exception {
        try (OpenStore store = new OpenStore(folder)) {
            for (int i = 1; i <= MESSAGES; i++) {
                store.append(put("/topic/a", i, body()));
                taken(store);
            }
            store.store(new Change.RemoveThrough("/topic/a", OpenStore.EPOCH, MESSAGES - 10));
            assertThat(store.all()).hasSize(10);
            assertThat(awaitLess(BOUND)).isLessThan(BOUND);
        }
    }

    /// Compaction runs beside everything else; each file that it is done with is a chance.
    private long awaitLess(long bound) throws Exception {
        Path messages = folder.resolve("messages");
        try (WatchService watch = messages.getFileSystem().newWatchService()) {
            messages.register(watch, StandardWatchEventKinds.ENTRY_DELETE);
            long used = used(folder);
            while (used >= bound) {
                WatchKey gone = watch.poll(1, TimeUnit.MINUTES);
                assertThat(gone).as("%d bytes are used, and no file goes", used).isNotNull();
                gone.pollEvents();
                gone.reset();
                used = used(folder);
            }
            return used;
        }
    }
}
