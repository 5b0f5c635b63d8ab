package io.switchboard.server.http;

import io.switchboard.websocket.HandshakeRequest;
import java.util.regex.Pattern;

/// Which browsers offer permessage-deflate and then do not understand it: Safari 15.0 to 15.3 and,
/// as all of them are made of the same WebKit, every browser on iOS 15.0 to 15.3.
public final class BrokenCompression {
    private static final Pattern SAFARI =
            Pattern.compile(
                    "Version/15\\.[0-3](?![0-9]).* Safari/|OS 15_[0-3](?![0-9]).*AppleWebKit/");

    private BrokenCompression() {}

    /// By what the request says of its sender.
    public static boolean in(HandshakeRequest request) {
        for (var header : request.headers()) {
            if (header.getKey().equalsIgnoreCase("User-Agent")
                    && SAFARI.matcher(header.getValue()).find()) {
                return true;
            }
        }
        return false;
    }
}
