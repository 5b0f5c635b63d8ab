package io.switchboard.bench;

/// STOMP 1.2, SUBSCRIBE ack Header.
enum AckMode {
    AUTO("auto"),
    CLIENT("client"),
    CLIENT_INDIVIDUAL("client-individual");

    final String header;

    AckMode(String header) {
        this.header = header;
    }

    static AckMode of(String header) {
        for (AckMode each : values()) {
            if (each.header.equals(header)) {
                return each;
            }
        }
        throw new IllegalArgumentException(
                "expected --ack auto, client or client-individual but was " + header);
    }
}
