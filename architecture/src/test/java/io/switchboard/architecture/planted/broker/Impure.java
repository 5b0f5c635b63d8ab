package io.switchboard.architecture.planted.broker;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Timer;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/// One class for each way to reach out of pure code. None of them is ever run.
final class Impure {
    private Impure() {}

    /// Types that pure code may not even name.
    static final class Types {
        static final class OpensSocket {
            Socket socket;
        }

        static final class OpensChannel {
            SocketChannel channel;
        }

        static final class NamesFile {
            File file;
        }

        static final class NamesPath {
            Path path;
        }

        static final class ReadsStream {
            int first(InputStream in) throws IOException {
                return in.read();
            }
        }

        static final class StartsThread {
            void run(Runnable task) {
                Thread.startVirtualThread(task);
            }
        }

        static final class SharesThreads {
            ExecutorService threads;
        }

        static final class TakesLocks {
            ReentrantLock lock;
        }

        static final class SharesMap {
            ConcurrentHashMap<String, String> map;
        }

        static final class SetsTimer {
            Timer timer;
        }

        static final class HasClock {
            Clock clock;
        }

        static final class DrawsSecretly {
            SecureRandom random;
        }

        static final class DrawsPerThread {
            int draw() {
                return ThreadLocalRandom.current().nextInt();
            }
        }

        static final class LogsThroughTheJdk {
            System.Logger logger;
        }

        static final class LogsThroughSlf4j {
            org.slf4j.Logger logger;
        }

        static final class UsesLibrary {
            JavaClass library;
        }

        static final class UsesClient {
            io.switchboard.architecture.planted.client.Dialler dialler;
        }

        private Types() {}
    }

    /// Calls that read time, chance or the environment through types that are allowed otherwise.
    static final class Calls {
        static final class ReadsMillis {
            long now() {
                return System.currentTimeMillis();
            }
        }

        static final class ReadsNanos {
            long now() {
                return System.nanoTime();
            }
        }

        static final class ReadsNanosByReference {
            java.util.function.LongSupplier clock = System::nanoTime;
        }

        static final class ReadsInstant {
            Instant now() {
                return Instant.now();
            }
        }

        static final class ReadsDate {
            int year() {
                return LocalDate.now(ZoneOffset.UTC).getYear();
            }
        }

        static final class ReadsEnvironment {
            String home() {
                return System.getenv("HOME");
            }
        }

        static final class Prints {
            void print() {
                System.out.println();
            }
        }

        static final class PrintsTrace {
            void print(Exception exception) {
                exception.printStackTrace();
            }
        }

        static final class ThrowsDice {
            double dice() {
                return Math.random();
            }
        }

        static final class SeedsByChance {
            Random random = new Random();
        }

        static final class AsksForChance {
            RandomGenerator random = RandomGenerator.getDefault();
        }

        static final class Shuffles {
            void shuffle(List<String> list) {
                Collections.shuffle(list);
            }
        }

        static final class NamesByChance {
            UUID id = UUID.randomUUID();
        }

        private Calls() {}
    }
}
