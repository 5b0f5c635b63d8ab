package io.switchboard.storage;

import static io.switchboard.storage.OpenStore.put;

import io.switchboard.broker.Journal;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// How long a start takes with a million messages of 256 bytes, opening included; by hand: `mvn -pl
/// storage -am test -Dtest=RecoveryMeasurement -Drecovery.messages=1000000
/// -Dsurefire.failIfNoSpecifiedTests=false`.
@EnabledIfSystemProperty(named = "recovery.messages", matches = "[0-9]+")
class RecoveryMeasurement {
    private static final int IN_FLIGHT = 5_000;

    @TempDir Path folder;

    @Test
    void aStartWithManyMessages() {
        int messages = Integer.getInteger("recovery.messages");
        byte[] body = new byte[256];
        OpenStore filled = new OpenStore(folder);
        int answered = 0;
        for (int i = 1; i <= messages; i++) {
            filled.append(put("/queue/" + i % 10, i, body));
            if (i - answered > IN_FLIGHT) {
                filled.answer();
                answered++;
            }
        }
        for (; answered < messages; answered++) {
            filled.answer();
        }
        filled.kill();
        for (String how : new String[] {"after a kill", "after a stop"}) {
            long started = System.nanoTime();
            Store store = Store.open(folder, StoreOptions.DEFAULT);
            long opened = System.nanoTime();
            Counting counting = new Counting();
            store.restore(counting);
            long restored = System.nanoTime();
            System.out.printf(
                    "%s: %d messages, cost %d: opened in %d ms, restored in %d ms%n",
                    how,
                    counting.count,
                    counting.cost,
                    (opened - started) / 1_000_000,
                    (restored - opened) / 1_000_000);
            store.close();
        }
    }

    private static final class Counting implements Journal.Restoring {
        long count;
        long cost;

        @Override
        public void value(String home, String name, byte[] value) {
            throw new AssertionError(name);
        }

        @Override
        public void message(String home, Journal.StoredMessage stored) {
            count++;
            cost += stored.cost() + stored.priority() + stored.expiresMillis();
        }
    }
}
