package io.switchboard.cli;

import io.switchboard.client.StompErrorException;
import io.switchboard.server.StartFailure;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.NoSuchFileException;
import javax.net.ssl.SSLException;

/// What went wrong and what to do, in one line.
final class Complaint {

    private Complaint() {}

    static String of(Throwable problem) {
        return oneLine(
                switch (problem) {
                    case StartFailure e -> message(e);
                    case ConnectException e ->
                            e.getMessage() + "; is the server running ('switchboard serve')?";
                    case SSLException e ->
                            e.getMessage()
                                    + "; trust the server's certificate with --cacert FILE, or any"
                                    + " with --insecure";
                    case StompErrorException e -> "the server refused: " + e.getMessage();
                    case NoSuchFileException e -> "there is no file " + e.getMessage();
                    case IOException e -> message(e);
                    case IllegalArgumentException e -> message(e);
                    default -> "failed unexpectedly: " + problem;
                });
    }

    private static String message(Exception problem) {
        String message = problem.getMessage();
        return message == null ? problem.toString() : message;
    }

    /// A server's ERROR may have several lines, and anything else in it that a terminal obeys.
    static String oneLine(String text) {
        return Printable.line(text.strip().replaceAll("\\s*\\R\\s*", " "));
    }
}
