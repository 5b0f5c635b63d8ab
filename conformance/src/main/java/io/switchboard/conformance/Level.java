package io.switchboard.conformance;

/// How strongly the specification demands it.
enum Level {
    MUST,
    SHOULD
}
