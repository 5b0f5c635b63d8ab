package io.switchboard.stomp;

import io.switchboard.stomp.StompEvent.Violation;
import io.switchboard.stomp.StompEvent.Violation.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The texts of every violation, in one place: the rule is short and stable (it becomes the
/// `message` of the ERROR), the explanation says what came and what to do.
final class Violations {

    private Violations() {}

    static Violation unknownCommand(boolean server, ByteBuffer line, int from, int to) {
        byte[] found = new byte[to - from];
        line.get(from, found);
        return malformed(
                server ? "expected a command of a client" : "expected a command of a server",
                Octets.show(found, 0, found.length) + "; commands are case-sensitive");
    }

    static Violation laterCommand(StompCommand command, StompVersion version) {
        return malformed("expected a command of the session's version", command + " in " + version);
    }

    static Violation loneCr(byte octet) {
        return malformed("expected LF after CR between frames", Octets.hex(octet));
    }

    static Violation noEmptyLine(StompCommand command) {
        return malformed(
                "expected an empty line after the headers", "NUL before it, in a " + command);
    }

    static Violation noColon(byte[] head, int from, int to) {
        return malformed("expected a colon in a header line", Octets.show(head, from, to));
    }

    static Violation noName() {
        return malformed("expected a name in a header line", "a line that begins with a colon");
    }

    static Violation notUtf8(@Nullable String receipt) {
        return malformed("expected UTF-8 in headers", "other octets", receipt);
    }

    static Violation undefinedEscape(byte[] head, int from, int end, @Nullable String receipt) {
        return malformed(
                "expected a defined escape after a backslash in a header",
                Octets.show(head, from, Math.min(from + 2, end))
                        + "; the escapes are \\n, \\c, \\\\ and, from 1.2 on, \\r",
                receipt);
    }

    static Violation rawCr(byte[] head, int from, int to, @Nullable String receipt) {
        return malformed(
                "expected CR in a header to be escaped", Octets.show(head, from, to), receipt);
    }

    static Violation contentLength(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return malformed(
                "expected digits alone in content-length", Octets.show(bytes, 0, bytes.length));
    }

    static Violation strayBody(StompCommand command) {
        return malformed(
                "expected no body but in SEND, MESSAGE and ERROR", "a body in a " + command);
    }

    /// Names the cause that was measured with stompjs 7.1.1: the two halves of a surrogate pair
    /// leave as two U+FFFD, which are two octets longer than the character they were.
    static Violation noNul(byte octet, int bodyLength) {
        return malformed(
                "expected NUL after the octets that content-length counts",
                Octets.hex(octet)
                        + " after "
                        + bodyLength
                        + " octets. A client that splits a frame between UTF-16 units (stompjs:"
                        + " splitLargeFrames) breaks an emoji on the border into two other"
                        + " characters: switch that off, or send binary WebSocket messages");
    }

    static Violation headerCount(StompLimits limits, StompCommand command) {
        return violation(
                Kind.HEADER_COUNT,
                "expected at most " + limits.headerCountMax() + " headers",
                "more in a " + command);
    }

    static Violation headerBytes(StompLimits limits) {
        return violation(
                Kind.HEADER_BYTES,
                "expected at most " + limits.headerBytesMax() + " octets of command and headers",
                "more");
    }

    static Violation bodyLength(StompLimits limits, StompCommand command, String found) {
        return violation(
                Kind.BODY_LENGTH,
                "expected at most " + limits.bodyLengthMax() + " octets of body",
                found + " in a " + command);
    }

    static Violation beforeConnected(StompLimits limits) {
        return violation(
                Kind.BEFORE_CONNECTED,
                "expected at most " + limits.beforeConnectedMax() + " octets before CONNECTED",
                "more");
    }

    private static Violation malformed(String rule, String found) {
        return malformed(rule, found, null);
    }

    private static Violation malformed(String rule, String found, @Nullable String receipt) {
        return new Violation(Kind.MALFORMED, rule, found, receipt);
    }

    private static Violation violation(Kind kind, String rule, String found) {
        return new Violation(kind, rule, found, null);
    }
}
