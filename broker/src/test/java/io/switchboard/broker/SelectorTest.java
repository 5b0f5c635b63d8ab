package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// JMS 2.0, section 3.8.1.1, for headers that are text.
class SelectorTest {
    private static final Message MESSAGE =
            message(
                    "five", "5",
                    "decimal", "5.0",
                    "seven", "7",
                    "minus", "-3",
                    "exponent", "2e3",
                    "largest", "9223372036854775807",
                    "larger", "9223372036854775808",
                    "endless", "1e999",
                    "colour", "red",
                    "quote", "it's",
                    "empty", "",
                    "yes", "true",
                    "YES", "TRUE",
                    "no", "false",
                    "content-type", "text/plain",
                    "AND", "keyword",
                    "a\"b", "quoted",
                    "_x$1", "identifier",
                    "größe", "12",
                    "emoji", "a😀b",
                    "percent", "100%");

    private static Message message(String... headers) {
        return Message.of("/queue/orders", Headers.of(headers), new byte[0], true);
    }

    private static Selector selector(String text) {
        Selector.Parsed parsed = Selector.parse(text);
        assertThat(parsed.error()).as(text).isNull();
        return parsed.selector();
    }

    private static boolean matches(String text) {
        return selector(text).matches(MESSAGE);
    }

    private static void assertTruth(Truth truth, String... texts) {
        for (String text : texts) {
            assertThat(matches(text)).as(text).isEqualTo(truth == Truth.TRUE);
            assertThat(matches("NOT (" + text + ")"))
                    .as("NOT (" + text + ")")
                    .isEqualTo(truth == Truth.FALSE);
        }
    }

    private static void assertTrue(String... texts) {
        assertTruth(Truth.TRUE, texts);
    }

    private static void assertFalse(String... texts) {
        assertTruth(Truth.FALSE, texts);
    }

    private static void assertUnknown(String... texts) {
        assertTruth(Truth.UNKNOWN, texts);
    }

    private static void assertError(String text, String error) {
        Selector.Parsed parsed = Selector.parse(text);
        assertThat(parsed.error()).as(text).isEqualTo(error);
        assertThat(parsed.selector()).isNull();
    }

    @Nested
    class Literals {
        @Test
        void aStringStandsInSingleQuotesAndAQuoteInItIsDoubled() {
            assertTrue("colour = 'red'", "quote = 'it''s'", "empty = ''");
            assertError("colour = 'red", "expected a closing ' but was the end at index 13");
        }

        @Test
        void wholeNumbersAreJavas() {
            assertTrue("five = 5", "five = 5L", "five = 0x5", "seven = 0X7l", "five = 05");
            assertTrue("8 = 010", "31 = 0x1F", "-3 = minus", "+5 = five");
            assertTrue("largest = 9223372036854775807", "-9223372036854775808 < minus");
        }

        @Test
        void decimalsAreJavas() {
            assertTrue("five = 5.0", "five = 5.", ".5 = 0.5", "7E3 = 7000", "-57.9E2 = -5790");
            assertTrue("five = 5f", "five = 5d", "five = 50e-1", "5F = 5D", "5 = 5e+0");
        }

        @Test
        void aNumberFits() {
            String what = "expected a whole number of 64 bits or a finite decimal but was ";
            assertError("9223372036854775808 = 1", what + "9223372036854775808 at index 0");
            assertError("1 = 1e999", what + "1e999 at index 4");
            assertError("0x = 1", what + "0x at index 0");
            assertError("08 = 1", what + "08 at index 0");
            assertError("1e = 1", what + "1e at index 0");
            assertError("1.5L = 1", what + "1.5L at index 0");
            assertError("1 = 0x8000000000000000", what + "0x8000000000000000 at index 4");
        }

        @Test
        void aNumberEndsBeforeTheNextWord() {
            assertError("1_000 = 1", "expected the end of a number but was _ at index 1");
            assertError("1.2.3 = 1", "expected the end of a number but was . at index 3");
            assertError("5x = 1", "expected the end of a number but was x at index 1");
        }

        @Test
        void trueAndFalseAreBooleans() {
            assertTrue("TRUE", "yes = TRUE", "no = false", "yes <> FALSE", "YES = true");
            assertFalse("FALSE", "yes = FALSE", "colour = TRUE", "colour <> TRUE", "five = TRUE");
        }
    }

    @Nested
    class Names {
        @Test
        void areJavaIdentifiersAndCaseCounts() {
            assertTrue("_x$1 = 'identifier'", "größe = 12", "YES = 'TRUE'", "yes = 'true'");
            assertUnknown("Colour = 'red'");
        }

        @Test
        void ofOtherCharactersStandInDoubleQuotes() {
            assertTrue("\"content-type\" = 'text/plain'", "\"a\"\"b\" = 'quoted'");
            assertTrue("\"AND\" = 'keyword'", "\"colour\" = 'red'");
            assertError("\"\" = 1", "expected a header's name but was \"\" at index 0");
            assertError(
                    "a.b = 1",
                    "expected names with other characters than letters, digits, _ and $ in double"
                            + " quotes but was . at index 1");
        }

        @Test
        void aHyphenOutsideOfQuotesIsAMinus() {
            assertTrue("seven-five = 2");
            assertUnknown("content-type = 'text/plain'");
        }

        @Test
        void keywordsAreNoNamesInAnyCase() {
            assertTrue("five = 5 aNd seven = 7", "not five = 6", "five Is Not Null");
            assertError(
                    "null = 1", "expected a header's name, a value or ( but was null at index 0");
            assertError(
                    "escape = 1",
                    "expected a header's name, a value or ( but was escape at index 0");
        }

        @Test
        void ofJmsStandForTheHeadersOfStomp() {
            Message message =
                    message("correlation-id", "c1", "type", "order", "reply-to", "/temp-queue/x");
            assertThat(
                            selector(
                                            "JMSCorrelationID = 'c1' AND JMSType = 'order'"
                                                    + " AND JMSReplyTo LIKE '/temp-queue/%'")
                                    .matches(message))
                    .isTrue();
            assertUnknown("JMSType = 'order'");
        }

        @Test
        void ofWhatTheBrokerKnowsNeedNoHeader() {
            assertTrue("destination = '/queue/orders'", "JMSDestination LIKE '/queue/%'");
            assertTrue("priority = 4", "JMSPriority = 4", "JMSDeliveryMode = 'PERSISTENT'");
            Message placed = MESSAGE.at(7, 12).with(new SendOptions(false, 9, 0, 0, 0));
            assertThat(selector("JMSMessageID = '7-12'").matches(placed)).isTrue();
            assertThat(selector("\"message-id\" = '7-12'").matches(placed)).isTrue();
            assertThat(selector("JMSPriority > 8").matches(placed)).isTrue();
            assertThat(selector("JMSDeliveryMode = 'NON_PERSISTENT'").matches(placed)).isTrue();
        }

        @Test
        void ofTheTimeAreKnownInQueues() {
            long arrived = 1_700_000_000_000L;
            assertThat(selector("timestamp >= 1700000000000").matches(MESSAGE, arrived)).isTrue();
            assertThat(selector("JMSTimestamp = 1.7e12").matches(MESSAGE, arrived)).isTrue();
            assertThat(selector("JMSTimestamp < 1.7e12").matches(MESSAGE, arrived)).isFalse();
            assertUnknown("JMSTimestamp > 0");
        }

        @Test
        void thatJmsForbidsAreErrors() {
            String what = "expected a name that selectors may use but was ";
            assertError("JMSExpiration > 0", what + "JMSExpiration at index 0");
            assertError("NOT JMSRedelivered", what + "JMSRedelivered at index 4");
        }
    }

    @Nested
    class Comparisons {
        @Test
        void ofNumbers() {
            assertTrue("five = 5", "five <> 6", "five < 6", "five <= 5", "five > 4", "five >= 5");
            assertFalse("five = 6", "five <> 5", "five < 5", "five <= 4", "five > 5", "five >= 6");
            assertTrue("five = 5.0", "decimal = 5", "exponent = 2000", "minus < 0", "0 > minus");
            assertTrue("-0.0 = 0", "larger = 9223372036854775808.0", "five < seven");
        }

        @Test
        void ofStringsAreOnlyEqualOrNot() {
            assertTrue("colour = 'red'", "colour <> 'blue'", "'a' = 'a'");
            assertFalse("colour = 'Red'", "colour = 'red '", "colour <> 'red'");
            assertError(
                    "colour > 'blue'",
                    "expected a number or a header's name but was 'blue' at index 9");
            assertError(
                    "TRUE < yes", "expected a number or a header's name but was true at index 0");
        }

        @Test
        void aHeaderIsANumberWhereItIsComparedWithOne() {
            assertTrue("five = 5.0", "five = '5'", "decimal = five + 0", "seven > five");
            assertFalse("five = '5.0'", "five = decimal", "'5' = 5");
        }

        @Test
        void whatIsOnlyNearlyANumberIsNone() {
            for (String text :
                    new String[] {
                        "",
                        "+",
                        ".",
                        "1.",
                        "1x",
                        " 1",
                        "1 ",
                        "0x1",
                        "1e",
                        "e1",
                        "1e+",
                        "--1",
                        "NaN",
                        "Infinity",
                        "1f",
                        "1_0",
                        "1e999",
                        "١",
                        "1".repeat(65)
                    }) {
                boolean number = text.equals("1.");
                assertThat(selector("h = 1 OR h <> 1").matches(message("h", text)))
                        .as(text)
                        .isEqualTo(number);
            }
        }

        @Test
        void ofUnlikeTypesAreFalse() {
            assertFalse("colour = 5", "colour <> 5", "colour < 5", "colour > 5", "'5' = 5");
            assertFalse("5 = TRUE", "'true' = TRUE", "colour < five");
        }

        @Test
        void withNullAreUnknown() {
            assertUnknown("nothing = 5", "nothing <> 'x'", "5 < nothing", "nothing = nothing");
            assertUnknown("nothing = TRUE", "nothing + 1 = 'x'");
        }
    }

    @Nested
    class Arithmetic {
        @Test
        void productsBeforeSumsAndFromLeftToRight() {
            assertTrue("1 + 2 * 3 = 7", "(1 + 2) * 3 = 9", "10 - 4 - 3 = 3", "2 * 12 / 4 / 3 = 2");
            assertTrue("five * seven - 1 = 34", "seven / 2.0 = 3.5", "decimal / 2 = 2.5");
        }

        @Test
        void signs() {
            assertTrue(
                    "-five = -5",
                    "- - five = 5",
                    "+minus = -3",
                    "3 - -2 = five",
                    "-(1 + 2) = minus");
        }

        @Test
        void wholeNumbersDivideAsInJava() {
            assertTrue("seven / 2 = 3", "-7 / 2 = -3");
        }

        @Test
        void whatGrowsOutOf64BitsGoesOnAsADecimal() {
            assertTrue("largest + 1 > largest - 1000000", "largest + 1 = 9223372036854775808.0");
            assertTrue("largest * 2 > 0", "-largest - 2 < 0", "-(-9223372036854775808) > 0");
            assertTrue("-9223372036854775808 / -1 > 0", "3037000500 * 3037000500 > 0");
        }

        @Test
        void withNullOrWithoutANumberIsNull() {
            assertUnknown("nothing + 1 = 1", "1 - nothing = 1", "-nothing = 1", "colour * 1 = 1");
            assertUnknown("-colour = 1", "five / 0 = 1", "five / 0.0 = 1", "1e308 * 10 = 1");
            assertUnknown("endless + 1 > 0");
        }

        @Test
        void isOfNumbers() {
            String what = "expected a number or a header's name but was ";
            assertError("five + 'a' = 1", what + "'a' at index 7");
            assertError("'a' * 2 = 1", what + "'a' at index 0");
            assertError("-TRUE = 1", what + "true at index 1");
        }
    }

    @Nested
    class Logic {
        /// The tables of the section, in SQL's order.
        @Test
        void hasThreeValues() {
            Map<Truth, String> written =
                    Map.of(
                            Truth.TRUE, "five = 5",
                            Truth.FALSE, "five = 6",
                            Truth.UNKNOWN, "nothing = 5");
            Truth[][] and = {
                {Truth.FALSE, Truth.FALSE, Truth.FALSE},
                {Truth.FALSE, Truth.UNKNOWN, Truth.UNKNOWN},
                {Truth.FALSE, Truth.UNKNOWN, Truth.TRUE}
            };
            Truth[][] or = {
                {Truth.FALSE, Truth.UNKNOWN, Truth.TRUE},
                {Truth.UNKNOWN, Truth.UNKNOWN, Truth.TRUE},
                {Truth.TRUE, Truth.TRUE, Truth.TRUE}
            };
            for (Truth a : Truth.values()) {
                for (Truth b : Truth.values()) {
                    assertTruth(
                            and[a.ordinal()][b.ordinal()],
                            written.get(a) + " AND " + written.get(b));
                    assertTruth(
                            or[a.ordinal()][b.ordinal()], written.get(a) + " OR " + written.get(b));
                }
                assertTruth(
                        new Truth[] {Truth.TRUE, Truth.UNKNOWN, Truth.FALSE}[a.ordinal()],
                        "NOT " + written.get(a));
            }
        }

        @Test
        void notBindsMoreThanAndAndAndMoreThanOr() {
            assertTrue("TRUE OR FALSE AND FALSE", "NOT FALSE OR TRUE", "NOT NOT TRUE");
            assertFalse("NOT TRUE AND FALSE", "(TRUE OR FALSE) AND FALSE", "NOT (FALSE OR TRUE)");
        }

        @Test
        void aNameAloneIsWhetherItIsTrue() {
            assertTrue("yes", "YES AND NOT no");
            assertFalse("no", "colour", "five");
            assertUnknown("nothing");
        }

        @Test
        void isOfConditions() {
            assertError("5", "expected a condition but was a value at index 0");
            assertError("yes AND 'a'", "expected a condition but was a value at index 8");
            assertError("NOT (five + 1)", "expected a condition but was a value at index 4");
            assertError("(five = 5) = TRUE", "expected a value but was a condition at index 0");
            assertError("five = 5 = 5", "expected an operator or the end but was = at index 9");
            assertError("1 + (yes AND no) = 1", "expected a value but was a condition at index 4");
        }
    }

    @Nested
    class Between {
        @Test
        void isInclusive() {
            assertTrue("five BETWEEN 5 AND 5", "five BETWEEN minus AND seven - 1");
            assertTrue("five NOT BETWEEN 6 AND 9", "five BETWEEN 1 AND 9 AND yes");
            assertFalse("five BETWEEN 6 AND 9", "five NOT BETWEEN 5 AND 5", "five BETWEEN 9 AND 1");
        }

        @Test
        void isShortForComparisons() {
            assertFalse("colour BETWEEN 1 AND 9", "colour NOT BETWEEN 1 AND 9");
            assertUnknown("nothing BETWEEN 1 AND 9", "nothing NOT BETWEEN 1 AND 9");
            assertUnknown("five BETWEEN 1 AND nothing", "five NOT BETWEEN nothing AND 9");
            assertFalse("five BETWEEN 6 AND nothing");
            assertTrue("five NOT BETWEEN 6 AND nothing");
        }

        @Test
        void isOfNumbers() {
            assertError("five BETWEEN 1, 2", "expected AND but was , at index 14");
            assertError(
                    "five BETWEEN 'a' AND 2",
                    "expected a number or a header's name but was 'a' at index 13");
        }
    }

    @Nested
    class In {
        @Test
        void isEqualToOneOfTheStrings() {
            assertTrue("colour IN ('blue', 'red')", "five IN ('5')", "colour NOT IN ('blue')");
            assertFalse("colour IN ('blue')", "five IN ('5.0')", "colour NOT IN ('red', 'red')");
            assertUnknown("nothing IN ('red')", "nothing NOT IN ('red')");
        }

        @Test
        void isOfANameAndStrings() {
            assertError("5 IN ('5')", "expected a header's name but was a value at index 0");
            assertError("five IN (5)", "expected a string in single quotes but was 5 at index 9");
            assertError("five IN ()", "expected a string in single quotes but was ) at index 9");
            assertError("five IN 'a'", "expected ( but was 'a' at index 8");
            assertError("five IN ('a'", "expected , or ) but was the end at index 12");
            assertError("five NOT 5", "expected BETWEEN, LIKE or IN but was 5 at index 9");
        }
    }

    @Nested
    class Like {
        @Test
        void underscoreIsOneCharacterAndPercentAnyRun() {
            assertTrue("colour LIKE 'r_d'", "colour LIKE 'r%'", "colour LIKE '%d'");
            assertTrue("colour LIKE 'red'", "colour LIKE '%'", "colour LIKE '%r%e%d%'");
            assertTrue("empty LIKE ''", "empty LIKE '%'", "\"content-type\" LIKE 'text/_____'");
            assertFalse(
                    "colour LIKE 'r_'", "colour LIKE 'e%'", "colour LIKE '%e'", "empty LIKE '_'");
            assertFalse("colour LIKE ''", "colour LIKE 'RED'", "colour LIKE '____'");
            assertTrue("colour NOT LIKE 'b%'");
            assertUnknown("nothing LIKE '%'", "nothing NOT LIKE '%'");
        }

        @Test
        void whatFollowsTheEscapeIsItself() {
            assertTrue("percent LIKE '100\\%' ESCAPE '\\'", "percent LIKE '%!%' ESCAPE '!'");
            assertFalse("colour LIKE 'r\\_d' ESCAPE '\\'", "colour LIKE 're!%' ESCAPE '!'");
            assertTrue("colour LIKE '!red' ESCAPE '!'", "quote LIKE 'it''_' ESCAPE '!'");
            assertThat(selector("h LIKE 'a!!b' ESCAPE '!'").matches(message("h", "a!b"))).isTrue();
            assertThat(selector("h LIKE '%%b' ESCAPE '%'").matches(message("h", "%b"))).isTrue();
        }

        @Test
        void aCharacterIsACodePoint() {
            assertTrue("emoji LIKE 'a_b'", "emoji LIKE '%😀%'", "emoji LIKE 'a😀😀b' ESCAPE '😀'");
            assertFalse("emoji LIKE 'a__b'");
        }

        @Test
        void anEscapeIsOneCharacterWithAnotherBehindIt() {
            assertError(
                    "colour LIKE 'a' ESCAPE 'ab'",
                    "expected one escape character but was 'ab' at index 23");
            assertError(
                    "colour LIKE 'a' ESCAPE ''",
                    "expected one escape character but was '' at index 23");
            assertError(
                    "colour LIKE 'a!' ESCAPE '!'",
                    "expected a character behind the last ! of the pattern but was its end at"
                            + " index 12");
            assertError(
                    "colour LIKE five",
                    "expected a pattern in single quotes but was five at index 12");
            assertError("'a' LIKE 'a'", "expected a header's name but was a value at index 0");
        }

        /// Trying every way to share the text among the runs would take longer than the world has.
        @Test
        void isNeverTriedAgain() {
            String pattern = "a%".repeat(1_000) + "b";
            String text = "a".repeat(16_000);
            assertThat(LikePattern.of(pattern).matches(text)).isFalse();
            assertThat(LikePattern.of(pattern).matches(text + "b")).isTrue();
        }

        @Test
        void aPatternMayBeLongerThanAWord() {
            String text = "0123456789".repeat(20);
            for (int length = 60; length <= 200; length++) {
                String head = text.substring(0, length);
                assertThat(LikePattern.of(head).matches(head)).isTrue();
                assertThat(LikePattern.of(head + "_").matches(head)).isFalse();
                assertThat(LikePattern.of("_".repeat(length) + "%").matches(head)).isTrue();
                assertThat(LikePattern.of("%" + head).matches("x" + head)).isTrue();
                assertThat(LikePattern.of("%" + head).matches(head + "x")).isFalse();
            }
        }
    }

    @Nested
    class IsNull {
        @Test
        void isKnownOfEveryName() {
            assertTrue("nothing IS NULL", "colour IS NOT NULL", "empty IS NOT NULL");
            assertFalse("colour IS NULL", "nothing IS NOT NULL");
            assertTrue("JMSPriority IS NOT NULL", "JMSType IS NULL");
            assertError("5 IS NULL", "expected a header's name but was a value at index 0");
            assertError("five IS 5", "expected NULL but was 5 at index 8");
        }
    }

    @Nested
    class Limits {
        private String nested(int depth) {
            return "(".repeat(depth) + "TRUE" + ")".repeat(depth);
        }

        @Test
        void theTextIsBounded() {
            int length = Selector.TEXT_LENGTH_MAX;
            assertTrue("yes OR ".repeat(500) + "yes");
            String most = "yes" + " ".repeat(length - 3);
            assertThat(Selector.parse(most).error()).isNull();
            assertError(most + " ", "expected a selector of at most 4096 characters but was 4097");
        }

        @Test
        void parenthesesAreBounded() {
            assertTrue(nested(Selector.DEPTH_MAX - 1));
            assertThat(Selector.parse(nested(Selector.DEPTH_MAX)).error()).isNull();
            assertError(
                    nested(Selector.DEPTH_MAX + 1),
                    "expected at most 64 parentheses inside each other but was ( at index 64");
        }

        @Test
        void chainsAreNot() {
            assertTrue("NOT ".repeat(500) + "TRUE", "0" + "+1".repeat(1_000) + " = 1000");
            assertTrue("-".repeat(1_000) + "five = 5", "FALSE OR ".repeat(400) + "TRUE");
        }

        @Test
        void whatWasFoundIsCutInTheError() {
            assertThat(Selector.parse("yes = = '" + "x".repeat(1_000) + "'").error())
                    .isEqualTo("expected a header's name, a value or ( but was = at index 6");
            assertThat(Selector.parse("yes '" + "x".repeat(1_000) + "'").error())
                    .hasSizeLessThan(120)
                    .contains("…");
        }
    }

    @Test
    void anEmptyOneWantsEverything() {
        assertThat(matches("")).isTrue();
        assertThat(matches(" \t\n")).isTrue();
    }

    @Test
    void whatIsNoSelectorIsSaidWithItsPlace() {
        assertError("(", "expected a header's name, a value or ( but was the end at index 1");
        assertError("(yes", "expected an operator or ) but was the end at index 4");
        assertError("yes)", "expected an operator or the end but was ) at index 3");
        assertError("yes no", "expected an operator or the end but was no at index 4");
        assertError("five != 5", "expected <> or NOT but was ! at index 5");
        assertError("five ; 5", "expected a name, value or operator but was ; at index 5");
        assertError("five \0", "expected a name, value or operator but was U+0000 at index 5");
        assertError("\ud800", "expected a name, value or operator but was U+D800 at index 0");
    }

    @Test
    void areEqualWhereTheTextIs() {
        assertThat(selector("yes")).isEqualTo(selector("yes")).hasSameHashCodeAs(selector("yes"));
        assertThat(selector("yes")).isNotEqualTo(selector("yes ")).hasToString("yes");
    }
}
