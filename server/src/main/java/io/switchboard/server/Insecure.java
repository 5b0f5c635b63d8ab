package io.switchboard.server;

/// What is for loopback only, unless the operator allows it elsewhere in so many words.
public enum Insecure {
    /// Listeners without TLS.
    PLAIN_TEXT("plain-text"),
    /// The certificate that the server made for itself.
    DEVELOPMENT_CERTIFICATE("development-certificate"),
    /// Sessions that nobody has vouched for.
    ANONYMOUS("anonymous");

    private final String text;

    Insecure(String text) {
        this.text = text;
    }

    /// As the configuration spells it.
    public String text() {
        return text;
    }
}
