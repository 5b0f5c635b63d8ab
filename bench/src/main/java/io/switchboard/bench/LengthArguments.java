package io.switchboard.bench;

import picocli.CommandLine.Option;

/// How long each body is, and how long a run lasts.
final class LengthArguments {
    @Option(
            names = "--body",
            paramLabel = "BYTES",
            defaultValue = "128",
            description = "Length of each body, at least 24 (default: ${DEFAULT-VALUE}).")
    private int body;

    @Option(
            names = "--warm",
            paramLabel = "SECONDS",
            defaultValue = "3",
            description = "Run so long before measuring (default: ${DEFAULT-VALUE}).")
    private double warm;

    @Option(
            names = "--secs",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "Measure so long (default: ${DEFAULT-VALUE}).")
    private double seconds;

    int body() {
        return body;
    }

    double warmSeconds() {
        return warm;
    }

    double measureSeconds() {
        return seconds;
    }
}
