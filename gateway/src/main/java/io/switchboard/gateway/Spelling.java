package io.switchboard.gateway;

/// How a subscriber calls destinations that have another name here, so that its messages name them
/// as it does.
///
/// @param canonical what their names begin with here
/// @param own what they begin with for the subscriber
record Spelling(String canonical, String own) {

    String of(String destination) {
        return destination.startsWith(canonical)
                ? own + destination.substring(canonical.length())
                : destination;
    }
}
