package io.switchboard.websocket;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the two list headers of the handshake. Empty members are passed over, as RFC 9110 section
/// 5.6.1 demands of recipients; a list of nothing else is malformed. Each character is looked at
/// once.
final class HeaderList {
    private final String text;
    private int index;

    private HeaderList(String text) {
        this.text = text;
    }

    /// `1#token`; null when malformed.
    static @Nullable List<String> tokens(String text) {
        HeaderList list = new HeaderList(text);
        List<String> tokens = new ArrayList<>();
        while (list.nextMember()) {
            String token = list.token();
            if (token.isEmpty() || !list.atMemberEnd()) {
                return null;
            }
            tokens.add(token);
        }
        return tokens.isEmpty() ? null : tokens;
    }

    /// The grammar of Sec-WebSocket-Extensions (RFC 6455 section 9.1).
    static boolean isExtensions(String text) {
        HeaderList list = new HeaderList(text);
        int count = 0;
        while (list.nextMember()) {
            if (!list.extension()) {
                return false;
            }
            count++;
        }
        return count > 0;
    }

    private boolean extension() {
        if (token().isEmpty()) {
            return false;
        }
        while (skip(';')) {
            if (token().isEmpty()) {
                return false;
            }
            if (skip('=') && !(skip('"') ? quotedToken() : !token().isEmpty())) {
                return false;
            }
        }
        return atMemberEnd();
    }

    /// What stands behind the opening quote: when unescaped it must be a token (RFC 6455 section
    /// 9.1).
    private boolean quotedToken() {
        int count = 0;
        while (index < text.length()) {
            char c = text.charAt(index++);
            if (c == '"') {
                skipBlanks();
                return count > 0;
            }
            if (c == '\\' && index < text.length()) {
                c = text.charAt(index++);
            }
            if (!HeaderFields.isTokenChar(c)) {
                return false;
            }
            count++;
        }
        return false;
    }

    /// Moves to the next member that is not empty.
    private boolean nextMember() {
        skipBlanks();
        while (index < text.length() && text.charAt(index) == ',') {
            index++;
            skipBlanks();
        }
        return index < text.length();
    }

    private boolean atMemberEnd() {
        return index == text.length() || text.charAt(index) == ',';
    }

    /// The longest token here, and the blanks behind it; may be empty.
    private String token() {
        int start = index;
        while (index < text.length() && HeaderFields.isTokenChar(text.charAt(index))) {
            index++;
        }
        String token = text.substring(start, index);
        skipBlanks();
        return token;
    }

    private boolean skip(char expected) {
        if (index < text.length() && text.charAt(index) == expected) {
            index++;
            if (expected != '"') {
                skipBlanks();
            }
            return true;
        }
        return false;
    }

    private void skipBlanks() {
        while (index < text.length() && HeaderFields.isBlank(text.charAt(index))) {
            index++;
        }
    }
}
