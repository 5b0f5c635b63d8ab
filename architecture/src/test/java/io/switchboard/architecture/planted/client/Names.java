package io.switchboard.architecture.planted.client;

final class Names {
    static final class SessionManager {}

    static final class FrameUtils {}

    static final class StringUtil {}

    static final class RouterImpl {}

    static final class FrameHelper {}

    static final class FrameProcessor {}

    static final class SessionContext {}

    static final class Implement {}

    private Names() {}
}
