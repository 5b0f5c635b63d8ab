package io.switchboard.server.app;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the program that embeds the server does with messages to `/app/…`, and which of it hears of
/// sessions. Immutable.
public final class App {
    /// Nothing: every SEND to `/app/…` is refused.
    public static final App NONE = new App(List.of(), List.of());

    private record Rule(HandlerPattern pattern, AppHandler handler) {}

    /// Who handles a message, and what the variables of its pattern stand for.
    record Match(AppHandler handler, Map<String, String> variables) {}

    /// The most specific first.
    private final List<Rule> rules;

    private final List<SessionListener> listeners;

    private App(List<Rule> rules, List<SessionListener> listeners) {
        this.rules = rules;
        this.listeners = listeners;
    }

    /// With one more handler. Where several patterns match, the most specific one counts: compared
    /// from the left, a text before `{name}` before `{name:**}`.
    ///
    /// @param pattern like `/app/rooms/{room}/say`: a variable is one segment, and a last one with
    ///   `:**` all the rest
    /// @throws IllegalArgumentException if the pattern is none or its destinations have a handler
    public App withHandler(String pattern, AppHandler handler) {
        HandlerPattern parsed = HandlerPattern.of(pattern);
        for (Rule rule : rules) {
            if (rule.pattern.means(parsed)) {
                throw new IllegalArgumentException(
                        pattern + " means the same destinations as " + rule.pattern);
            }
        }
        List<Rule> more = new ArrayList<>(rules);
        more.add(new Rule(parsed, handler));
        more.sort(Comparator.comparing(Rule::pattern));
        return new App(List.copyOf(more), listeners);
    }

    public App withSessionListener(SessionListener listener) {
        List<SessionListener> more = new ArrayList<>(listeners);
        more.add(listener);
        return new App(rules, List.copyOf(more));
    }

    List<SessionListener> listeners() {
        return listeners;
    }

    /// Null where nothing handles it.
    @Nullable Match find(String destination) {
        if (rules.isEmpty()) {
            return null;
        }
        List<String> segments = HandlerPattern.segments(destination);
        for (Rule rule : rules) {
            Map<String, String> variables = rule.pattern.match(segments);
            if (variables != null) {
                return new Match(rule.handler, variables);
            }
        }
        return null;
    }
}
