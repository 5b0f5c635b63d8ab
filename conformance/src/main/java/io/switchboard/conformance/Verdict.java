package io.switchboard.conformance;

/// What came of a case.
enum Verdict {
    PASS("pass"),
    /// Legal, but not the best.
    NON_STRICT("non-strict"),
    /// It cannot be asked here, as nothing was agreed that it is about.
    NOT_APPLICABLE("not applicable"),
    FAIL("fail");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    /// As the results spell it.
    String text() {
        return text;
    }
}
