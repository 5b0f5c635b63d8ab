package io.switchboard.broker;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.function.Consumer;

/// The credits of one shard's clients towards every shard. A client's command takes one (and its
/// bytes) and gives it back when it is complete; a session that finds none waits in line and is not
/// read. What follows from an admitted command takes none, so it can never be held back and no two
/// shards can wait for each other: only the clients' next commands wait.
///
/// What the application handles has a target of its own, so that slow handlers hold up nothing but
/// what is for them. A trusted session's commands are counted and never wait, since a handler may
/// wait for them while it holds its client's credit; whoever opened the session bounds them.
///
/// A shard's inbox is bounded by what all shards together may have admitted towards it, which is
/// why each has an equal share of the limit. Owned by its shard.
final class Admission {
    private static final long SUBSCRIBE_COST = 128;

    private final BrokerLimits limits;
    private final int[] commands;
    private final long[] bytes;
    private final ArrayDeque<Session>[] lines;
    private final int commandsMax;
    private final long bytesMax;

    @SuppressWarnings({"unchecked", "rawtypes"})
    Admission(BrokerLimits limits, int shards) {
        this.limits = limits;
        commands = new int[shards + 1];
        bytes = new long[shards + 1];
        lines = new ArrayDeque[shards + 1];
        Arrays.setAll(lines, i -> new ArrayDeque<Session>());
        commandsMax = Math.max(1, limits.commandsPerShard() / shards);
        bytesMax = limits.commandBytesPerShard() / shards;
    }

    /// The target of what the application handles.
    int application() {
        return lines.length - 1;
    }

    /// Takes a credit, unless there is none or others wait for one.
    boolean take(Command command, int target) {
        Session session = command.session();
        if (session.trusted) {
            charge(session, target, cost(command));
            return true;
        }
        return lines[target].isEmpty() && tryTake(session, target, cost(command));
    }

    private boolean tryTake(Session session, int target, long cost) {
        if (!sessionMay(session, cost)
                || commands[target] >= commandsMax
                || commands[target] > 0 && bytes[target] + cost > bytesMax) {
            return false;
        }
        charge(session, target, cost);
        return true;
    }

    private void charge(Session session, int target, long cost) {
        commands[target]++;
        bytes[target] += cost;
        session.commands++;
        session.commandBytes += cost;
    }

    private boolean sessionMay(Session session, long cost) {
        return session.commands == 0
                || session.commands < limits.commandsPerSession()
                        && session.commandBytes + cost <= limits.commandBytesPerSession();
    }

    void give(Session session, int target, long cost) {
        commands[target]--;
        bytes[target] -= cost;
        session.commands--;
        session.commandBytes -= cost;
    }

    /// Puts a session at the end of the line for a target, unless what it waits for is its own
    /// earlier commands: then the next [#give] of its own lets it go on.
    void queue(Command command, int target) {
        Session session = command.session();
        if (sessionMay(session, cost(command))) {
            lines[target].add(session);
            session.inLine = true;
        }
    }

    /// Admitted and not complete, towards all shards.
    int commands() {
        int sum = 0;
        for (int count : commands) {
            sum += count;
        }
        return sum;
    }

    boolean anybodyWaits() {
        for (ArrayDeque<Session> line : lines) {
            if (!line.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /// Gives the credits that are free to those who wait, in their order, and lets each go on.
    void serve(Consumer<Session> granted) {
        for (int target = 0; target < lines.length; target++) {
            ArrayDeque<Session> line = lines[target];
            for (Session first = line.peek(); first != null; first = line.peek()) {
                Command command = first.parked;
                if (!first.closed() && command != null && !tryTake(first, target, cost(command))) {
                    break;
                }
                line.poll();
                first.inLine = false;
                if (!first.closed() && command != null) {
                    granted.accept(first);
                }
            }
        }
    }

    /// What a command is charged with, in bytes.
    static long cost(Command command) {
        return command instanceof Command.Publish publish
                ? publish.message().cost()
                : SUBSCRIBE_COST;
    }
}
