package io.switchboard.cli;

import io.switchboard.server.OptionsSource;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import io.switchboard.server.SwitchboardServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/// Has a running server read its files again: on SIGHUP, and when their content has changed. One
/// thread does both, so that no two readings are under way.
final class Reloading {
    /// Between two looks at the files; what has changed is read when it has been the same twice.
    private static final long PAUSE_MILLIS = 1_000;

    private final SwitchboardServer server;
    private final @Nullable Path config;
    private final OptionsSource source;
    private final FileWatch watch;
    private final Semaphore asked = new Semaphore(0);

    private Reloading(
            SwitchboardServer server,
            @Nullable Path config,
            ServerOptions options,
            OptionsSource source) {
        this.server = server;
        this.config = config;
        this.source = source;
        watch = new FileWatch(files(options));
    }

    /// @param config the configuration file; null for none
    /// @param options that it said when the server started
    static void start(
            SwitchboardServer server,
            @Nullable Path config,
            ServerOptions options,
            OptionsSource source) {
        Reloading reloading = new Reloading(server, config, options, source);
        Thread.ofPlatform().daemon().name("switchboard-reload").start(reloading::run);
        try {
            Signal.handle(new Signal("HUP"), signal -> reloading.asked.release());
        } catch (IllegalArgumentException e) {
            // There is none on Windows, and none with -Xrs: then files alone tell.
            return;
        }
    }

    private void run() {
        try {
            while (true) {
                boolean told = asked.tryAcquire(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                asked.drainPermits();
                if (watch.due(told)) {
                    reload();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reload() {
        try {
            server.reload(() -> {
                ServerOptions read = source.read();
                watch.files(files(read));
                return read;
            });
        } catch (StartFailure refused) {
            // The server has logged it, and goes on as before.
            return;
        }
    }

    private List<Path> files(ServerOptions options) {
        List<Path> files = new ArrayList<>(options.watchedFiles());
        if (config != null) {
            files.add(config);
        }
        return files;
    }
}
