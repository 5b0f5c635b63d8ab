package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every statement of the STOMP specifications and every quirk of real clients has a test that is
/// named for it, or stands here with the reason why not.
///
/// Statements have a letter and a number: **A** frame grammar, **B** encoding, **C** standard
/// headers, **D** repeated headers and limits, **E** connecting, **F** heart-beats, **G** SEND,
/// SUBSCRIBE, UNSUBSCRIBE, **H** ACK and NACK, **I** transactions, **J** DISCONNECT, RECEIPT,
/// ERROR, **K** MESSAGE, **L** the headers of each frame, **M** what differs between the versions,
/// **N** STOMP over WebSocket. Quirks are **Q** with a number.
class StatementsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern TEST = Pattern.compile("void (\\w+)\\(");

    /// `A01_A02_…`, `a01AndA02…`, `c08ToC11…`; a range has three groups.
    private static final Pattern ID =
            Pattern.compile("\\G(?:_|(And)|(To))?([A-Za-z])([0-9]{1,2})(?![0-9])");

    private static final Map<String, Integer> COUNTS =
            Map.ofEntries(
                    Map.entry("A", 20),
                    Map.entry("B", 15),
                    Map.entry("C", 14),
                    Map.entry("D", 8),
                    Map.entry("E", 24),
                    Map.entry("F", 13),
                    Map.entry("G", 17),
                    Map.entry("H", 16),
                    Map.entry("I", 10),
                    Map.entry("J", 14),
                    Map.entry("K", 8),
                    Map.entry("N", 13));
    private static final int QUIRKS = 47;

    /// Shown by a test whose name comes from elsewhere.
    private static final Map<String, String> ELSEWHERE =
            Map.ofEntries(
                    Map.entry("D07", "SizeLimitsTest.d05EveryBoundHasADefault"),
                    Map.entry("L", "NegotiationTest.lServerFrames"),
                    Map.entry("N01", "NegotiationTest.q1Q2SubprotocolsNameTheVersions"),
                    Map.entry("N02", "SubprotocolRulesTest.D1_theServersPreferenceDecides"),
                    Map.entry("N03", "SubprotocolRulesTest.D2_unknownNamesAreNotAnswered"),
                    Map.entry(
                            "N04", "SubprotocolRulesTest.D5_elseTheHighestVersionInCommonIsSpoken"),
                    Map.entry("N11", "WebSocketTest.disconnectEndsWith1000"),
                    Map.entry("N13", "OriginAndHostTest.anyOtherIsRefused"),
                    Map.entry("Q2", "NegotiationTest.q1Q2SubprotocolsNameTheVersions"),
                    Map.entry(
                            "Q8",
                            "CompressionTest.safari15_0To15_3DoesNotGetWhatItDoesNotUnderstand"),
                    Map.entry("Q10", "StompSessionTest.N08_Q5_everyFrameIsOneMessageOnItsOwn"),
                    Map.entry("Q11", "OriginAndHostTest.theSchemeOfTlsIsHttps"),
                    Map.entry(
                            "Q12",
                            "CompressionTest.aBombBeforeConnectMeetsTheLimitOfWhatComesBeforeConnect"));

    private static final Map<String, String> NOT_TESTED =
            Map.of(
                    "E01", "a client's duty; what follows where it is neglected is E21",
                    "E05", "advice for clients; both commands are E03 and E04",
                    "E06", "a client's duty; what follows where it is neglected is E09 and E15",
                    "Q39", "every listener speaks one protocol, so there is nothing to find out");

    /// The names of all tests by class.
    private static Map<String, List<String>> tests(String... modules) throws Exception {
        Map<String, List<String>> tests = new TreeMap<>();
        for (String module : modules) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                for (Path file : files.filter(it -> it.toString().endsWith("Test.java")).toList()) {
                    String name = file.getFileName().toString().replace(".java", "");
                    Matcher test = TEST.matcher(Files.readString(file));
                    while (test.find()) {
                        tests.computeIfAbsent(name, it -> new ArrayList<>()).add(test.group(1));
                    }
                }
            }
        }
        return tests;
    }

    /// What a test's name says it shows.
    private static Set<String> ids(String test) {
        Set<String> ids = new TreeSet<>();
        Matcher matcher = ID.matcher(test);
        int last = 0;
        while (matcher.find() && (matcher.start() == 0) == ids.isEmpty()) {
            boolean separated = matcher.end(3) - matcher.start() > 1;
            if (!ids.isEmpty() && !separated) {
                break;
            }
            int number = Integer.parseInt(matcher.group(4));
            for (int n = matcher.group(2) == null ? number : last + 1; n <= number; n++) {
                ids.add(id(matcher.group(3).toUpperCase(), n, matcher.group(4).length()));
            }
            last = number;
        }
        return ids;
    }

    private static String id(String letter, int number, int digits) {
        return letter + (digits == 2 && number < 10 ? "0" : "") + number;
    }

    private static Set<String> all() {
        Set<String> all = new TreeSet<>(List.of("M1", "M2", "M3", "L"));
        COUNTS.forEach((letter, count) -> {
            for (int n = 1; n <= count; n++) {
                all.add(id(letter, n, 2));
            }
        });
        for (int n = 1; n <= QUIRKS; n++) {
            all.add("Q" + n);
        }
        return all;
    }

    /// In the modules that know STOMP; tests of WebSocket have letters and numbers of their own.
    private static Set<String> named() throws Exception {
        Set<String> named = new TreeSet<>();
        tests("stomp", "gateway")
                .values()
                .forEach(names -> names.forEach(name -> named.addAll(ids(name))));
        return named;
    }

    @Test
    void everyStatementAndQuirkHasATest() throws Exception {
        Set<String> missing = all();
        missing.removeAll(named());
        missing.removeAll(ELSEWHERE.keySet());
        missing.removeAll(NOT_TESTED.keySet());
        assertThat(missing).isEmpty();
    }

    @Test
    void whatIsShownElsewhereIsShownThere() throws Exception {
        Map<String, List<String>> tests = tests("stomp", "gateway", "websocket", "server");
        ELSEWHERE.forEach((id, test) -> {
            int dot = test.indexOf('.');
            assertThat(tests.get(test.substring(0, dot))).as(id).contains(test.substring(dot + 1));
        });
    }

    @Test
    void noExceptionIsOneTooMany() throws Exception {
        Set<String> named = named();
        assertThat(named).doesNotContainAnyElementsOf(NOT_TESTED.keySet());
        assertThat(named).doesNotContainAnyElementsOf(ELSEWHERE.keySet());
        assertThat(all()).containsAll(NOT_TESTED.keySet()).containsAll(ELSEWHERE.keySet());
        assertThat(ELSEWHERE.keySet()).doesNotContainAnyElementsOf(NOT_TESTED.keySet());
    }

    @Test
    void namesAreReadAsTheyAreMeant() {
        assertThat(ids("G01_G06_J12_aMissingHeader")).containsExactly("G01", "G06", "J12");
        assertThat(ids("b04AndB05EscapesAreRead")).containsExactly("B04", "B05");
        assertThat(ids("c08ToC11ContentTypeIsCarriedUnread"))
                .containsExactly("C08", "C09", "C10", "C11");
        assertThat(ids("f13A10SessionHasNoHeartbeats")).containsExactly("F13");
        assertThat(ids("b11ColonOfA12SenderArrives")).containsExactly("B11");
        assertThat(ids("f06AndQ34HeartbeatIsDue")).containsExactly("F06", "Q34");
        assertThat(ids("H11_in1_0ThereIsNoNack")).containsExactly("H11");
    }

    @ParameterizedTest
    @ValueSource(strings = {"aNameWithSpace", "framesMayBeCutAnywhere", "http10DoesNotUpgrade"})
    void otherNamesAreOfNoStatement(String test) {
        assertThat(ids(test)).isEmpty();
    }
}
