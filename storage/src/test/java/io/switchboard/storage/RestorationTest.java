package io.switchboard.storage;

import static io.switchboard.storage.OpenStore.put;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.switchboard.broker.Journal.Change;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class RestorationTest {
    private static final int MESSAGES = 10_000;

    @TempDir Path folder;

    @Test
    void whatTakesLongerThanASecondSaysHowFarItIs() {
        fill();
        assertThat(said(TimeUnit.SECONDS.toNanos(2)))
                .containsSubsequence(
                        "restored 4096 messages of about 10000",
                        "restored 8192 messages of about 10000");
        assertThat(said(0)).singleElement().asString().startsWith("restored 10000 messages and 0");
    }

    private void fill() {
        Change[] puts = new Change[MESSAGES];
        for (int i = 0; i < MESSAGES; i++) {
            puts[i] = put("/queue/a", i + 1, "body");
        }
        try (OpenStore store = new OpenStore(folder)) {
            assertThat(store.store(puts)).isNull();
        }
    }

    /// @param step so far the clock moves on between two looks at it, in nanoseconds
    private List<String> said(long step) {
        AtomicLong nanos = new AtomicLong();
        Store.Faults clock =
                new Store.Faults() {
                    @Override
                    public LongSupplier nanoTime() {
                        return () -> nanos.addAndGet(step);
                    }
                };
        Logger log = (Logger) LoggerFactory.getLogger(Restoration.class);
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.start();
        log.addAppender(said);
        log.setLevel(Level.INFO);
        try (OpenStore store = new OpenStore(folder, new StoreOptions(0), clock)) {
            assertThat(store.all()).hasSize(MESSAGES);
        } finally {
            log.setLevel(null);
            log.detachAppender(said);
        }
        return said.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
