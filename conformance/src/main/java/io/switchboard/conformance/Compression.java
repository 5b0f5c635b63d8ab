package io.switchboard.conformance;

/// What a case needs to have agreed about permessage-deflate.
///
/// @param parameters of the offer of a client, or those that a server adds to its answer
/// @param remembers whether messages of the suite refer back to earlier ones
record Compression(String parameters, boolean remembers) {
    static final Compression ANY = new Compression("", false);
    static final Compression REMEMBERING = new Compression("", true);

    /// What was asked for, in words.
    String text() {
        return remembers
                ? "permessage-deflate with messages that refer back to earlier ones"
                : "permessage-deflate";
    }

    boolean suits(Agreed agreed, Role sender) {
        boolean forgets =
                sender == Role.CLIENT ? agreed.clientNoContext() : agreed.serverNoContext();
        return !remembers || !forgets;
    }
}
