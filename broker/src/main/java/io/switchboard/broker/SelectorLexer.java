package io.switchboard.broker;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

/// Cuts a selector into tokens. JMS 2.0, section 3.8.1.1.
final class SelectorLexer {
    private static final Set<String> KEYWORDS =
            Set.of(
                    "AND", "OR", "NOT", "BETWEEN", "LIKE", "IN", "IS", "NULL", "ESCAPE", "TRUE",
                    "FALSE");

    enum Kind {
        /// As it is written: whether it fits depends on the sign in front.
        NUMBER,
        STRING,
        NAME,
        KEYWORD,
        SYMBOL,
        END
    }

    /// @param value a string's or name's without quotes, a keyword's in upper case
    /// @param written as it stands in the selector
    record Token(Kind kind, String value, String written, int index) {
        boolean is(String keywordOrSymbol) {
            return (kind == Kind.KEYWORD || kind == Kind.SYMBOL) && value.equals(keywordOrSymbol);
        }
    }

    private final String text;
    private int at;

    SelectorLexer(String text) {
        this.text = text;
    }

    /// @throws SelectorSyntax where no token begins, or one does not end
    Token next() {
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            return new Token(Kind.END, "", "the end", at);
        }
        char c = text.charAt(at);
        if (c == '\'') {
            return quoted(Kind.STRING, c);
        }
        if (c == '"') {
            return quoted(Kind.NAME, c);
        }
        if (isDigit(at) || c == '.' && isDigit(at + 1)) {
            return number();
        }
        return isNameStart(text.codePointAt(at)) ? word() : symbol(c);
    }

    /// What ends with the quote that began it; two of them are one that belongs to it.
    private Token quoted(Kind kind, char quote) {
        int start = at;
        StringBuilder value = new StringBuilder();
        int from = start + 1;
        int end = text.indexOf(quote, from);
        while (end >= 0 && end + 1 < text.length() && text.charAt(end + 1) == quote) {
            value.append(text, from, end + 1);
            from = end + 2;
            end = text.indexOf(quote, from);
        }
        if (end < 0) {
            throw SelectorSyntax.expected("a closing " + quote, "the end", text.length());
        }
        value.append(text, from, end);
        if (kind == Kind.NAME && value.isEmpty()) {
            throw SelectorSyntax.expected("a header's name", "\"\"", start);
        }
        return token(kind, value.toString(), end + 1);
    }

    /// Java's literals of whole numbers and decimals, but for binary ones, hexadecimal fractions
    /// and underscores.
    private Token number() {
        int end;
        if (text.startsWith("0x", at) || text.startsWith("0X", at)) {
            end = at + 2;
            while (end < text.length() && HexFormat.isHexDigit(text.charAt(end))) {
                end++;
            }
        } else {
            end = Numbers.digits(text, at);
            if (charAt(end) == '.') {
                end = Numbers.digits(text, end + 1);
            }
            if ((charAt(end) | 0x20) == 'e') {
                boolean signed = charAt(end + 1) == '+' || charAt(end + 1) == '-';
                end = Numbers.digits(text, end + (signed ? 2 : 1));
            }
        }
        if (charAt(end) != 0 && "lLfFdD".indexOf(charAt(end)) >= 0) {
            end++;
        }
        if (end < text.length() && (isNamePart(text.codePointAt(end)) || charAt(end) == '.')) {
            throw SelectorSyntax.expected("the end of a number", found(end), end);
        }
        return token(Kind.NUMBER, text.substring(at, end), end);
    }

    private Token word() {
        int end = at;
        while (end < text.length() && isNamePart(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        String word = text.substring(at, end);
        String keyword = word.toUpperCase(Locale.ROOT);
        return KEYWORDS.contains(keyword)
                ? token(Kind.KEYWORD, keyword, end)
                : token(Kind.NAME, word, end);
    }

    private Token symbol(char c) {
        if (text.startsWith("<>", at) || text.startsWith("<=", at) || text.startsWith(">=", at)) {
            return token(Kind.SYMBOL, text.substring(at, at + 2), at + 2);
        }
        if ("=<>+-*/(),".indexOf(c) >= 0) {
            return token(Kind.SYMBOL, String.valueOf(c), at + 1);
        }
        throw SelectorSyntax.expected(
                switch (c) {
                    case '!' -> "<> or NOT";
                    case '.', ':' ->
                            "names with other characters than letters, digits, _ and $"
                                    + " in double quotes";
                    default -> "a name, value or operator";
                },
                found(at),
                at);
    }

    private Token token(Kind kind, String value, int end) {
        Token token = new Token(kind, value, text.substring(at, end), at);
        at = end;
        return token;
    }

    private String found(int index) {
        int point = text.codePointAt(index);
        return point < ' ' || Character.getType(point) == Character.SURROGATE
                ? String.format(Locale.ROOT, "U+%04X", point)
                : Character.toString(point);
    }

    /// 0 behind the end.
    private char charAt(int index) {
        return index < text.length() ? text.charAt(index) : 0;
    }

    private boolean isDigit(int index) {
        return charAt(index) >= '0' && charAt(index) <= '9';
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\f' || c == '\n' || c == '\r';
    }

    private static boolean isNameStart(int point) {
        return Character.isJavaIdentifierStart(point);
    }

    /// Java takes characters that nobody sees for parts of a name; here they are none.
    private static boolean isNamePart(int point) {
        return Character.isJavaIdentifierPart(point) && !Character.isIdentifierIgnorable(point);
    }
}
