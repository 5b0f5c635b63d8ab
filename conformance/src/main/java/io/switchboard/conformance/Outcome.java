package io.switchboard.conformance;

/// @param found what was seen, for whoever wonders about the verdict
record Outcome(Verdict verdict, String found) {
    static Outcome pass(String found) {
        return new Outcome(Verdict.PASS, found);
    }

    static Outcome nonStrict(String found) {
        return new Outcome(Verdict.NON_STRICT, found);
    }

    static Outcome fail(String found) {
        return new Outcome(Verdict.FAIL, found);
    }

    static Outcome notApplicable(String why) {
        return new Outcome(Verdict.NOT_APPLICABLE, why);
    }
}
