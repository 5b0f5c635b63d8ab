package io.switchboard.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.Batches;
import io.switchboard.broker.Headers;
import io.switchboard.broker.Journal;
import io.switchboard.broker.Journal.Change;
import io.switchboard.broker.Message;
import io.switchboard.broker.Post;
import io.switchboard.broker.Refusal;
import io.switchboard.broker.SendOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A store with one shard before it, which waits for each answer.
final class OpenStore implements AutoCloseable {
    static final long EPOCH = 7;

    final Store store;
    final BlockingQueue<Post> answers = new LinkedBlockingQueue<>();

    OpenStore(Path data) {
        this(data, new StoreOptions(0), Store.Faults.NONE);
    }

    OpenStore(Path data, StoreOptions options, Store.Faults faults) {
        store = Store.open(data, options, faults);
        store.start((shard, post) -> answers.add(post));
    }

    static Change.Put put(String home, long sequence, String body) {
        return put(home, sequence, body.getBytes(StandardCharsets.UTF_8));
    }

    static Change.Put put(String home, long sequence, byte[] body) {
        return new Change.Put(
                home,
                Message.restored(
                        home, Headers.NONE, body, true, SendOptions.DEFAULT, EPOCH, sequence),
                1_000 + sequence,
                0,
                0);
    }

    static Change.Remove remove(String home, long sequence) {
        return new Change.Remove(home, EPOCH, sequence);
    }

    void append(Change... changes) {
        store.append(Batches.of(0, List.of(changes)));
    }

    /// @return why it was refused; null if it is stored
    @Nullable Refusal store(Change... changes) {
        append(changes);
        return ((Post.Stored) answer()).failure();
    }

    Post answer() {
        try {
            Post answer = answers.poll(60, TimeUnit.SECONDS);
            assertThat(answer).as("an answer of the journal").isNotNull();
            return answer;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    List<Message> read(String home, long... sequences) {
        store.read(Batches.reading(home, EPOCH, sequences));
        Post.Read read = (Post.Read) answer();
        assertThat(read.failure()).isNull();
        return read.messages();
    }

    /// All that is stored, in order: `home: name=value` and `home: sequence=body`.
    List<String> all() {
        return all(store);
    }

    static List<String> all(Store store) {
        List<String> all = new ArrayList<>();
        store.restore(
                new Journal.Restoring() {
                    @Override
                    public void value(String home, String name, byte[] value) {
                        all.add(home + ": " + name + "=" + new String(value));
                    }

                    @Override
                    public void message(String home, Journal.StoredMessage stored) {
                        String body = new String(stored.message().body(), StandardCharsets.UTF_8);
                        all.add(home + ": " + stored.sequence() + "=" + body);
                    }
                });
        return all;
    }

    @Override
    public void close() {
        store.close();
    }

    /// Leaves the files as a killed process would: nothing is flushed, and the lock is gone.
    void kill() {
        store.abandon();
    }
}
