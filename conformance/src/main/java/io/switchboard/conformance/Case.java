package io.switchboard.conformance;

import java.io.IOException;

/// One rule, and how to see whether it is kept.
///
/// @param id the specification, its section and a number, as `6455-5.5.1-03`
/// @param rule in our words: what comes and what must happen
/// @param <T> what is asked: a [Target] or, by the suite as a server, a [Visitor]
record Case<T>(String id, Level level, String rule, Script<T> script) {
    interface Script<T> {
        Outcome run(T asked) throws IOException;
    }
}
