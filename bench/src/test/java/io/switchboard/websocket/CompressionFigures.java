package io.switchboard.websocket;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.Locale;

/// What compression is worth: bytes and CPU time of a message by its length, by level, and by what
/// it may refer back to. Times are of the thread's CPU, the best of many short runs, so that other
/// work on the machine shows little. `bench/deflate.sh`.
public final class CompressionFigures {
    private static final int[] LENGTHS = {128, 256, 512, 1_024, 4_096, 65_536};
    private static final int[] LEVELS = {1, 6};
    private static final int TURNS = 1_000;
    private static final int BEST_OF = 15;
    private static final ThreadMXBean CPU = ManagementFactory.getThreadMXBean();

    private enum Context {
        /// Each message stands alone.
        NONE(PermessageDeflate.NO_CONTEXT, 1),
        /// One busy connection, whose deflater stays as it is.
        ONE(PermessageDeflate.FULL_CONTEXT, 1),
        /// Many connections in turn, none of which finds its deflater again.
        TURN(PermessageDeflate.FULL_CONTEXT, TURNS);

        private final PermessageDeflate agreed;
        private final int connections;

        Context(PermessageDeflate agreed, int connections) {
            this.agreed = agreed;
            this.connections = connections;
        }
    }

    private CompressionFigures() {}

    public static void main(String... arguments) {
        System.out.println("bytes  level  context  CPU us  becomes  of 100");
        for (Context context : Context.values()) {
            for (int level : LEVELS) {
                for (int length : LENGTHS) {
                    print(context, level, length);
                }
            }
        }
    }

    private static void print(Context context, int level, int length) {
        int count = length > 10_000 ? 64 : 1_024;
        ByteBuffer[] messages = new ByteBuffer[count];
        byte[][] plain = Records.messages(count, length);
        for (int i = 0; i < count; i++) {
            messages[i] = ByteBuffer.allocateDirect(length).put(plain[i]).flip();
        }
        Zlib zlib = new Zlib(level, 0);
        WebSocketConnection[] connections = new WebSocketConnection[context.connections];
        for (int i = 0; i < connections.length; i++) {
            connections[i] =
                    WebSocketConnection.server(WebSocketLimits.DEFAULT, context.agreed, zlib);
        }
        double best = Double.MAX_VALUE;
        double bytes = 0;
        int perRun = Math.max(connections.length, 2_000_000 / (length + 500));
        int next = 0;
        for (int run = 0; run < BEST_OF; run++) {
            long out = 0;
            long start = CPU.getCurrentThreadCpuTime();
            for (int i = 0; i < perRun; i++) {
                next++;
                out +=
                        connections[next % connections.length]
                                .binary(messages[next % count])
                                .remaining();
            }
            best = Math.min(best, (CPU.getCurrentThreadCpuTime() - start) / 1_000.0 / perRun);
            bytes = (double) out / perRun;
        }
        for (WebSocketConnection each : connections) {
            each.release();
        }
        zlib.close();
        System.out.printf(
                Locale.ROOT,
                "%5d  %5d  %-7s  %6.1f  %7.0f  %6.0f%n",
                length,
                level,
                context.name().toLowerCase(Locale.ROOT),
                best,
                bytes,
                100 * bytes / length);
    }
}
