package io.switchboard.broker;

import io.switchboard.broker.AccessRule.Who;
import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

/// What asking 1,000 access rules costs, for one SEND or SUBSCRIBE: with names of their own, with
/// variables that a claim holds, and 300 for the same destinations with a role each.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RuleBenchmark {
    @Param({
        "/topic/app.77.events",
        "/topic/room77.blue",
        "/topic/shared/42",
        "/user/alice/queue/answers",
        "/topic/room77.green",
        "/topic/app.77.**"
    })
    private String destination;

    private RuleSet rules;

    private final Principal alice =
            new Principal(
                    "alice",
                    true,
                    "127.0.0.1",
                    Set.of("role77", "staff"),
                    Map.of("rooms", List.of("red", "yellow", "blue"), "tenant", List.of("acme")),
                    0);

    @Setup
    public void setUp() {
        List<AccessRule> all = new ArrayList<>();
        for (int i = 0; i < 399; i++) {
            all.add(rule("/topic/app." + i + ".events", new Who.Role("role" + i)));
        }
        for (int i = 0; i < 300; i++) {
            all.add(rule("/topic/room" + i + ".{room}", new Who.ClaimHolds("rooms", "room")));
            all.add(rule("/topic/shared/{any}", new Who.Role("role" + i)));
        }
        all.add(rule("/user/{user}/**", Who.AUTHENTICATED));
        rules = RuleSet.of(all);
        boolean allowed = !destination.endsWith("green") && !destination.endsWith("*");
        if (all.size() != 1000 || decide() instanceof Decision.Allowed != allowed) {
            throw new AssertionError(destination);
        }
    }

    private static AccessRule rule(String destinations, Who who) {
        return new AccessRule(Action.SUBSCRIBE, destinations, who, "");
    }

    @Benchmark
    public Decision decide() {
        return rules.decide(alice, Action.SUBSCRIBE, destination);
    }
}
