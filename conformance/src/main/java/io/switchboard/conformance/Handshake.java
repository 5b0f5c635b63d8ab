package io.switchboard.conformance;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A request that opens a connection, right or wrong, and which answers are right. Immutable.
final class Handshake {
    private final Function<Target, List<String>> lines;
    private final int[] best;
    private final boolean mayAccept;
    private final boolean byteByByte;

    private Handshake(
            Function<Target, List<String>> lines,
            int[] best,
            boolean mayAccept,
            boolean byteByByte) {
        this.lines = lines;
        this.best = best;
        this.mayAccept = mayAccept;
        this.byteByByte = byteByByte;
    }

    /// A good request.
    static Handshake request() {
        return new Handshake(Target::request, new int[] {101}, false, false);
    }

    // --- The request ---

    /// With other words in the first line.
    Handshake first(Function<Target, String> line) {
        return changed(target -> {
            List<String> changed = new ArrayList<>(lines.apply(target));
            changed.set(0, line.apply(target));
            return changed;
        });
    }

    Handshake without(String name) {
        return changed(target -> {
            List<String> changed = new ArrayList<>(lines.apply(target));
            changed.removeIf(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1));
            return changed;
        });
    }

    /// With more lines behind the others.
    Handshake with(String... more) {
        return withEach(target -> List.of(more));
    }

    Handshake withEach(Function<Target, List<String>> more) {
        return changed(target -> {
            List<String> changed = new ArrayList<>(lines.apply(target));
            changed.addAll(more.apply(target));
            return changed;
        });
    }

    Handshake instead(String name, String... more) {
        return without(name).with(more);
    }

    Handshake byteByByte() {
        return new Handshake(lines, best, mayAccept, true);
    }

    private Handshake changed(Function<Target, List<String>> changed) {
        return new Handshake(changed, best, mayAccept, byteByByte);
    }

    // --- The answer ---

    /// Refused, at best with one of these; another refusal is legal.
    Handshake refused(int... statuses) {
        return new Handshake(lines, statuses, false, byteByByte);
    }

    /// To be refused, at best, but accepting it breaks no rule.
    Handshake betterRefused(int... statuses) {
        return new Handshake(lines, statuses, true, byteByByte);
    }

    Outcome ask(Target target) throws IOException {
        byte[] request = Target.bytes(lines.apply(target));
        try (Socket socket = target.connect()) {
            send(socket, request);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Http1.Head head;
            try {
                head = Http1.read(in);
            } catch (SocketTimeoutException e) {
                return Outcome.fail(Heard.SILENCE);
            } catch (IOException e) {
                return best[0] == 101 ? Outcome.fail(Heard.END) : Outcome.nonStrict(Heard.END);
            }
            if (head.status() != 101) {
                return judgeRefusal(head);
            }
            if (best[0] != 101) {
                return mayAccept ? Outcome.nonStrict("101") : Outcome.fail("101");
            }
            String wrong = wrongIn(head);
            if (wrong != null) {
                return Outcome.fail(wrong);
            }
            Peer peer = new Peer(new Wire.OfSocket(socket, in), Role.CLIENT, null);
            return Conversation.of(Sent.text("open")).hears(Heard.text("open")).with(peer);
        }
    }

    private void send(Socket socket, byte[] request) {
        try {
            if (!byteByByte) {
                socket.getOutputStream().write(request);
                return;
            }
            for (byte each : request) {
                socket.getOutputStream().write(each);
            }
        } catch (IOException e) {
            // It was refused before it was whole; the answer is judged.
            return;
        }
    }

    private Outcome judgeRefusal(Http1.Head head) {
        int status = head.status();
        String found = String.valueOf(status);
        if (Arrays.stream(best).anyMatch(one -> one == status)) {
            boolean tells = status != 426 || head.lists("Sec-WebSocket-Version", "13");
            return tells ? Outcome.pass(found) : Outcome.nonStrict(found + " without the version");
        }
        boolean refusal = status >= 200 && best[0] != 101;
        return refusal ? Outcome.nonStrict(found) : Outcome.fail(head.first());
    }

    /// What must not be in a 101 to a request of this suite (RFC 6455 section 4.2.2), null for
    /// nothing.
    static @Nullable String wrongIn(Http1.Head head) {
        if (!head.values("Sec-WebSocket-Accept").equals(List.of(Http1.accept(Http1.KEY)))) {
            return "101 with another Sec-WebSocket-Accept";
        }
        if (!head.lists("Connection", "Upgrade")) {
            return "101 without Connection: Upgrade";
        }
        return head.lists("Upgrade", "websocket") ? null : "101 without Upgrade: websocket";
    }
}
