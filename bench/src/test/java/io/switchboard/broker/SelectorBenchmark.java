package io.switchboard.broker;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What it costs to ask a selector about one message with six headers.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SelectorBenchmark {
    @Param({
        "colour = 'red'",
        "weight > 2.5",
        "colour IN ('blue', 'green', 'red') AND weight BETWEEN 1 AND 5 * 2",
        "\"content-type\" LIKE 'application/%+json'"
    })
    public String text;

    private final Message message =
            Message.of(
                    "/queue/orders",
                    Headers.of(
                            "content-type", "application/vnd.orders+json",
                            "colour", "red",
                            "weight", "7",
                            "customer", "4711",
                            "region", "north",
                            "correlation-id", "b1946ac92492d2347c6235b4d2611184"),
                    new byte[0],
                    true);
    private Selector selector;

    @Setup
    public void parse() {
        selector = Selector.parse(text).selector();
        if (selector == null || !selector.matches(message)) {
            throw new IllegalStateException(text);
        }
    }

    @Benchmark
    public boolean matches() {
        return selector.matches(message);
    }

    @Benchmark
    public Object parses() {
        return Selector.parse(text);
    }
}
