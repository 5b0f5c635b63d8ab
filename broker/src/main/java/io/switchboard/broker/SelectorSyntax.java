package io.switchboard.broker;

/// Carries what is wrong with a selector up to [Selector#parse], which answers it. It goes no
/// further.
final class SelectorSyntax extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int FOUND_LENGTH_MAX = 40;

    private SelectorSyntax(String message) {
        super(message, null, false, false);
    }

    static SelectorSyntax expected(String expected, String found, int index) {
        return new SelectorSyntax(
                "expected " + expected + " but was " + shortened(found) + " at index " + index);
    }

    private static String shortened(String found) {
        if (found.length() <= FOUND_LENGTH_MAX) {
            return found;
        }
        int end = FOUND_LENGTH_MAX - 1;
        return found.substring(0, Character.isHighSurrogate(found.charAt(end - 1)) ? end - 1 : end)
                + '…';
    }
}
