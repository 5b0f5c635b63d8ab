package io.switchboard.storage;

import static io.switchboard.storage.OpenStore.put;
import static io.switchboard.storage.OpenStore.remove;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.switchboard.broker.Headers;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Journal.Change;
import io.switchboard.broker.Message;
import io.switchboard.broker.Post;
import io.switchboard.broker.SendOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
    private static final String A = "/queue/a";
    private static final String B = "/queue/b";

    @TempDir Path folder;

    private Path data() {
        return folder.resolve("data");
    }

    @Test
    void whatIsStoredIsThereAgain() {
        try (OpenStore store = new OpenStore(data())) {
            assertThat(store.store(put(A, 1, "one"), put(B, 1, "other"))).isNull();
            assertThat(store.store(put(A, 2, "two"))).isNull();
            assertThat(store.store(new Change.Set(A, "name", "value".getBytes()))).isNull();
        }
        try (OpenStore store = new OpenStore(data())) {
            assertThat(store.all())
                    .containsExactly(
                            A + ": name=value", A + ": 1=one", A + ": 2=two", B + ": 1=other");
        }
    }

    @Test
    void soItIsAfterAKill() {
        OpenStore killed = new OpenStore(data());
        assertThat(killed.store(put(A, 1, "one"))).isNull();
        assertThat(killed.store(put(A, 2, "two"), remove(A, 1))).isNull();
        killed.kill();
        try (OpenStore store = new OpenStore(data())) {
            assertThat(store.all()).containsExactly(A + ": 2=two");
        }
    }

    @Test
    void whatWasRemovedIsGone() {
        try (OpenStore store = new OpenStore(data())) {
            store.store(put(A, 1, "one"), put(A, 2, "two"), put(B, 1, "other"));
            store.store(new Change.Set(A, "name", "value".getBytes()));
            store.store(remove(A, 1), new Change.Unset(A, "name"));
            assertThat(store.all()).containsExactly(A + ": 2=two", B + ": 1=other");
        }
    }

    @Test
    void removingThroughAPlaceTakesAllUpToIt() {
        try (OpenStore store = new OpenStore(data())) {
            for (int i = 1; i <= 5; i++) {
                store.store(put(A, i, "a" + i), put(B, i, "b" + i));
            }
            store.store(new Change.Set(A, "name", "value".getBytes()));
            store.store(new Change.RemoveThrough(A, OpenStore.EPOCH, 4));
            assertThat(store.all())
                    .containsExactly(
                            A + ": name=value",
                            A + ": 5=a5",
                            B + ": 1=b1",
                            B + ": 2=b2",
                            B + ": 3=b3",
                            B + ": 4=b4",
                            B + ": 5=b5");
        }
    }

    @Test
    void messagesOfAHomeComeInTheOrderOfTheirPlaces() {
        try (OpenStore store = new OpenStore(data())) {
            for (long sequence : new long[] {1L << 40, 300, 2, 255, 256, 1}) {
                store.store(put(A, sequence, "x"));
            }
            assertThat(store.all())
                    .extracting(line -> line.replaceAll(".*: (.*)=.*", "$1"))
                    .containsExactly("1", "2", "255", "256", "300", "1099511627776");
        }
    }

    @Test
    void aMessageComesBackWithEverythingItHad() {
        Message message =
                Message.restored(
                        "/topic/prices",
                        Headers.of("content-type", "text/plain", "snow", "\u2603 \ud83d\ude00"),
                        new byte[] {0, 1, -1},
                        false,
                        new SendOptions(false, 9, 5_000, 6, 7, "EUR\ud800", true, true, "d-1"),
                        -3,
                        Long.MAX_VALUE);
        List<Message> back = new ArrayList<>();
        try (OpenStore store = new OpenStore(data())) {
            store.store(new Change.Put("history:/topic/prices", message, 11, 12, 13));
            store.store.restore(
                    new Journal.Restoring() {
                        @Override
                        public void value(String home, String name, byte[] value) {
                            throw new AssertionError(name);
                        }

                        @Override
                        public void message(String home, Journal.StoredMessage stored) {
                            assertThat(home).isEqualTo("history:/topic/prices");
                            assertThat(stored.epoch()).isEqualTo(-3);
                            assertThat(stored.sequence()).isEqualTo(Long.MAX_VALUE);
                            assertThat(stored.arrivedMillis()).isEqualTo(11);
                            assertThat(stored.expiresMillis()).isEqualTo(12);
                            assertThat(stored.dueMillis()).isEqualTo(13);
                            assertThat(stored.priority()).isEqualTo(9);
                            assertThat(stored.cost()).isEqualTo(message.cost());
                            back.add(stored.message());
                        }
                    });
        }
        assertThat(back).singleElement().usingRecursiveComparison().isEqualTo(message);
    }

    @Test
    void wishesToReadAreAnsweredOneForEachSequence() {
        try (OpenStore store = new OpenStore(data())) {
            store.store(put(A, 1, "one"), put(A, 3, "three"));
            List<Message> read = store.read(A, 1, 2, 3);
            assertThat(read).hasSize(3);
            assertThat(read.get(0).body()).isEqualTo("one".getBytes());
            assertThat(read.get(1)).isNull();
            assertThat(read.get(2).body()).isEqualTo("three".getBytes());
            assertThat(read.get(2).sequence()).isEqualTo(3);
            assertThat(store.read(B, 1)).containsExactly((Message) null);
        }
    }

    @Test
    void batchesAreAnsweredInTheirOrderAndShareSyncs() {
        try (OpenStore store = new OpenStore(data())) {
            List<Journal.Batch> appended = new ArrayList<>();
            for (int i = 1; i <= 5_000; i++) {
                store.append(put(A, i, "x"));
            }
            for (int i = 1; i <= 5_000; i++) {
                Post.Stored stored = (Post.Stored) store.answer();
                assertThat(stored.failure()).isNull();
                appended.add(stored.batch());
            }
            assertThat(appended)
                    .extracting(batch -> ((Change.Put) batch.changes().get(0)).message().sequence())
                    .isSorted();
            StoreReading reading = store.store.reading();
            assertThat(reading.batches()).isEqualTo(5_000);
            assertThat(reading.syncs()).isBetween(1L, 4_999L);
            assertThat(reading.bytes()).isGreaterThan(5_000);
            assertThat(reading.failures()).isZero();
        }
    }

    @Test
    void closingStoresAndAnswersAllThatWasAppended() {
        OpenStore closed = new OpenStore(data());
        for (int i = 1; i <= 1_000; i++) {
            closed.append(put(A, i, "x"));
        }
        closed.close();
        assertThat(closed.answers).hasSize(1_000);
        try (OpenStore store = new OpenStore(data())) {
            assertThat(store.all()).hasSize(1_000);
        }
    }

    @Test
    void whatIsAppendedBeforeTheStartIsStoredThen() {
        Store store = Store.open(data(), StoreOptions.DEFAULT);
        store.append(io.switchboard.broker.Batches.of(3, List.of(put(A, 1, "x"))));
        List<Integer> shards = new ArrayList<>();
        store.start((shard, post) -> shards.add(shard));
        store.close();
        assertThat(shards).containsExactly(3);
    }

    @Test
    void eachOpeningIsAnIncarnationOfItsOwn() {
        for (int i = 1; i <= 3; i++) {
            OpenStore store = new OpenStore(data());
            assertThat(store.store.incarnation()).isEqualTo(i);
            if (i == 2) {
                store.kill();
            } else {
                store.close();
            }
        }
    }

    @Test
    void theDirectoryIsMadeForItsOwnerAlone() throws IOException {
        new OpenStore(data()).close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data())))
                .isEqualTo("rwx------");
    }

    @Test
    void aSecondOneIsTurnedAway() {
        try (OpenStore store = new OpenStore(data())) {
            assertThatThrownBy(() -> Store.open(data(), StoreOptions.DEFAULT))
                    .isInstanceOf(StoreFailure.class)
                    .hasMessageContaining(data().toString())
                    .hasMessageContaining("in use by another process");
            assertThat(store.store(put(A, 1, "one"))).isNull();
        }
    }

    @Test
    void aFormatThatIsNotKnownIsRefused() throws IOException {
        new OpenStore(data()).close();
        Files.writeString(data().resolve("messages/FORMAT"), "switchboard messages, version 2\n");
        assertThatThrownBy(() -> new OpenStore(data()))
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("format version 2")
                .hasMessageContaining("only version 1");
    }
}
