package io.switchboard.conformance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Frames that the suite sends over an open connection to an end that sends every message back, and
/// what must come of them. Good for servers and for clients. Immutable.
///
/// Behind the frames stands a Close, so that a case ends by itself: what was to come has come when
/// that is answered, and nobody has to wait for what does not come.
final class Conversation {
    private enum Ending {
        /// Our Close is answered.
        POLITE,
        /// The other end must fail the connection.
        FAILURE,
        /// It would be best to, but it may also wait for the end of the frame.
        EARLY_FAILURE
    }

    /// Codes that say that the other end found something wrong.
    private static final Set<String> COMPLAINTS =
            Set.of(1002, 1003, 1007, 1008, 1009, 1010, 1011).stream()
                    .map(Heard::close)
                    .collect(Collectors.toSet());

    private static final int HEARD_MAX = 2000;

    private final List<Sent> frames;
    private final List<List<String>> good;
    private final List<List<String>> tolerable;
    private final Ending ending;
    private final List<String> closes;
    private final boolean byteByByte;
    private final boolean ownClose;
    private final byte[] behind;

    private Conversation(
            List<Sent> frames,
            List<List<String>> good,
            List<List<String>> tolerable,
            Ending ending,
            List<String> closes,
            boolean byteByByte,
            boolean ownClose,
            byte[] behind) {
        this.frames = frames;
        this.good = good;
        this.tolerable = tolerable;
        this.ending = ending;
        this.closes = closes;
        this.byteByByte = byteByByte;
        this.ownClose = ownClose;
        this.behind = behind;
    }

    /// After which nothing comes back, until more is said.
    static Conversation of(Sent... frames) {
        return new Conversation(
                List.of(frames),
                List.of(),
                List.of(),
                Ending.POLITE,
                List.of(Heard.close(1000)),
                false,
                false,
                new byte[0]);
    }

    // --- What must come of it ---

    Conversation hears(String... words) {
        return with(plus(good, List.of(words)), tolerable, ending, closes, byteByByte, ownClose);
    }

    /// Is legal too, and less good.
    Conversation tolerates(String... words) {
        return with(good, plus(tolerable, List.of(words)), ending, closes, byteByByte, ownClose);
    }

    /// The other end fails the connection.
    ///
    /// @param codes of the Close that is best
    Conversation fails(int... codes) {
        return with(good, tolerable, Ending.FAILURE, closings(codes), byteByByte, ownClose);
    }

    /// The frames are not complete, and the other end need not wait for the rest.
    Conversation failsEarly(int... codes) {
        return with(good, tolerable, Ending.EARLY_FAILURE, closings(codes), byteByByte, true);
    }

    /// The last of the frames is a Close itself, or another one stands before it.
    ///
    /// @param answers of which one must come
    Conversation closes(String... answers) {
        return with(good, tolerable, Ending.POLITE, List.of(answers), byteByByte, true);
    }

    /// As [#fails], with no Close of ours behind the frames.
    Conversation failsByItself(int... codes) {
        return with(good, tolerable, Ending.FAILURE, closings(codes), byteByByte, true);
    }

    // --- How it is sent ---

    Conversation byteByByte() {
        return with(good, tolerable, ending, closes, true, ownClose);
    }

    /// Bytes behind the last frame that are no frame.
    Conversation behind(byte[] bytes) {
        return new Conversation(
                frames, good, tolerable, ending, closes, byteByByte, ownClose, bytes);
    }

    private Conversation with(
            List<List<String>> good,
            List<List<String>> tolerable,
            Ending ending,
            List<String> closes,
            boolean byteByByte,
            boolean ownClose) {
        return new Conversation(
                frames, good, tolerable, ending, closes, byteByByte, ownClose, behind);
    }

    private static List<List<String>> plus(List<List<String>> lists, List<String> one) {
        List<List<String>> more = new ArrayList<>(lists);
        more.add(one);
        return List.copyOf(more);
    }

    private static List<String> closings(int... codes) {
        return Arrays.stream(codes).mapToObj(Heard::close).toList();
    }

    // --- It takes place ---

    Outcome with(Peer peer) throws IOException {
        List<String> heard = new ArrayList<>();
        // Who sends much back is not read before all is written, so both happen at once.
        Thread writer = Thread.ofVirtual().start(() -> write(peer));
        try {
            boolean answered = ownClose && ending == Ending.POLITE || !ownClose;
            String word;
            do {
                word = peer.hear();
                heard.add(word);
                if (word.startsWith(Heard.close())) {
                    if (!answered) {
                        sayClose(peer);
                        answered = true;
                    }
                    if (peer.role() == Role.SERVER) {
                        writer.join();
                        finish(peer);
                    }
                }
            } while (!isLast(word) && heard.size() < HEARD_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            peer.close();
        }
        return judge(heard);
    }

    private void write(Peer peer) {
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            frames.forEach(frame -> all.writeBytes(frame.bytes(peer.role())));
            all.writeBytes(behind);
            if (!ownClose) {
                all.writeBytes(Sent.close(1000).bytes(peer.role()));
            }
            if (!byteByByte) {
                peer.send(all.toByteArray());
                return;
            }
            for (byte each : all.toByteArray()) {
                peer.send(new byte[] {each});
            }
        } catch (IOException e) {
            // The other end is through with us; what it said last is judged.
            return;
        }
    }

    private static void sayClose(Peer peer) {
        try {
            peer.send(Sent.close(1000).bytes(peer.role()));
        } catch (IOException e) {
            // It need not wait for it.
            return;
        }
    }

    private static void finish(Peer peer) {
        try {
            peer.finish();
        } catch (IOException e) {
            // It has ended the connection itself.
            return;
        }
    }

    private static boolean isLast(String word) {
        return word.equals(Heard.END)
                || word.equals(Heard.SILENCE)
                || word.startsWith(Heard.BROKEN);
    }

    // --- The verdict ---

    private Outcome judge(List<String> heard) {
        int firstOfEnd = 0;
        while (firstOfEnd < heard.size() && !isOfEnd(heard.get(firstOfEnd))) {
            firstOfEnd++;
        }
        List<String> words = heard.subList(0, firstOfEnd);
        List<String> end = heard.subList(firstOfEnd, heard.size());
        String found = String.join(", ", heard.subList(0, Math.min(heard.size(), 12)));
        Verdict verdict = worse(wordsVerdict(words), endVerdict(end));
        return new Outcome(verdict, found);
    }

    private static boolean isOfEnd(String word) {
        return word.startsWith(Heard.close()) || isLast(word);
    }

    private Verdict wordsVerdict(List<String> words) {
        if (good.contains(words) || (good.isEmpty() && words.isEmpty())) {
            return Verdict.PASS;
        }
        if (tolerable.contains(words)) {
            return Verdict.NON_STRICT;
        }
        // Whoever fails a connection owes it nothing, not even what came before the failure.
        boolean cut =
                ending != Ending.POLITE
                        && good.stream()
                                .anyMatch(all ->
                                        words.size() <= all.size()
                                                && all.subList(0, words.size()).equals(words));
        return cut ? Verdict.NON_STRICT : Verdict.FAIL;
    }

    private Verdict endVerdict(List<String> end) {
        boolean ended = end.getLast().equals(Heard.END);
        if (ending == Ending.POLITE) {
            return ended && end.size() == 2 && closes.contains(end.getFirst())
                    ? Verdict.PASS
                    : Verdict.FAIL;
        }
        if (ended && end.size() == 2 && closes.contains(end.getFirst())) {
            return Verdict.PASS;
        }
        boolean waits = ending == Ending.EARLY_FAILURE && end.equals(List.of(Heard.SILENCE));
        boolean dropped = end.equals(List.of(Heard.END));
        boolean otherCode = ended && end.size() == 2 && COMPLAINTS.contains(end.getFirst());
        return waits || dropped || otherCode ? Verdict.NON_STRICT : Verdict.FAIL;
    }

    private static Verdict worse(Verdict one, Verdict other) {
        return one.ordinal() > other.ordinal() ? one : other;
    }
}
