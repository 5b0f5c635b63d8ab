package io.switchboard.server.admin;

import org.jspecify.annotations.Nullable;

/// Which sessions are meant: those that are as all of these say.
///
/// @param id null for any, as are the others
/// @param user the name of the login
/// @param address with its port, or without for all ports
public record SessionQuery(@Nullable String id, @Nullable String user, @Nullable String address) {

    /// Whether it says nothing, so that every session is meant.
    public boolean open() {
        return id == null && user == null && address == null;
    }

    /// @param itsAddress as logs have it
    public boolean matches(String itsId, @Nullable String itsUser, String itsAddress) {
        return (id == null || id.equals(itsId))
                && (user == null || user.equals(itsUser))
                && (address == null
                        || address.equals(itsAddress)
                        || address.equals(host(itsAddress)));
    }

    private static String host(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? text : text.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]")
                ? host.substring(1, host.length() - 1)
                : host;
    }
}
