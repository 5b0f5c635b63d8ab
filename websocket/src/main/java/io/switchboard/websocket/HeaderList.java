package io.switchboard.websocket;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the two list headers of the handshake. Empty members are passed over, as RFC 9110 section
/// 5.6.1 demands of recipients; a list of nothing else is malformed. Each character is looked at
/// once.
final class HeaderList {
    record Extension(String name, List<Parameter> parameters) {}

    /// @param value without its quotes; null for none
    record Parameter(String name, @Nullable String value) {}

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

    /// The grammar of Sec-WebSocket-Extensions (RFC 6455 section 9.1); null when malformed.
    static @Nullable List<Extension> extensions(String text) {
        HeaderList list = new HeaderList(text);
        List<Extension> extensions = new ArrayList<>();
        while (list.nextMember()) {
            Extension extension = list.extension();
            if (extension == null) {
                return null;
            }
            extensions.add(extension);
        }
        return extensions.isEmpty() ? null : extensions;
    }

    private @Nullable Extension extension() {
        String name = token();
        if (name.isEmpty()) {
            return null;
        }
        List<Parameter> parameters = new ArrayList<>();
        while (skip(';')) {
            String parameter = token();
            String value = null;
            if (skip('=')) {
                value = skip('"') ? quotedToken() : token();
                if (value == null || value.isEmpty()) {
                    return null;
                }
            }
            if (parameter.isEmpty()) {
                return null;
            }
            parameters.add(new Parameter(parameter, value));
        }
        return atMemberEnd() ? new Extension(name, parameters) : null;
    }

    /// What stands behind the opening quote: when unescaped it must be a token (RFC 6455 section
    /// 9.1), or else this is null.
    private @Nullable String quotedToken() {
        StringBuilder unescaped = new StringBuilder();
        while (index < text.length()) {
            char c = text.charAt(index++);
            if (c == '"') {
                skipBlanks();
                return unescaped.toString();
            }
            if (c == '\\' && index < text.length()) {
                c = text.charAt(index++);
            }
            if (!HeaderFields.isTokenChar(c)) {
                return null;
            }
            unescaped.append(c);
        }
        return null;
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
