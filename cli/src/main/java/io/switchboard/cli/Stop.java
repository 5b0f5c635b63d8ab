package io.switchboard.cli;

import io.switchboard.server.SwitchboardServer;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/// Ends the server in good order on SIGTERM and SIGINT.
///
/// With the handlers that the JVM has for these signals its exit status would be 143 or 130,
/// whatever a shutdown hook does, and that of a server which was told to stop and did so is 0. So
/// the signals are taken here; a second one finds the JVM's own manner again.
final class Stop {
    private Stop() {}

    static void onSignal(SwitchboardServer server) {
        for (String name : new String[] {"TERM", "INT"}) {
            try {
                Signal.handle(new Signal(name), signal -> stop(signal, server));
            } catch (IllegalArgumentException e) {
                // The JVM was told to leave signals alone (-Xrs): then so do we.
                return;
            }
        }
    }

    private static void stop(Signal signal, SwitchboardServer server) {
        Signal.handle(signal, SignalHandler.SIG_DFL);
        server.close();
    }
}
