package io.switchboard.broker;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Who is at the other end of a session.
///
/// @param name the name of its login, or null where it gave none
/// @param local whether it came through a listener on a loopback address, by no proxy
/// @param address the peer's address, for rules and logs
/// @param roles what it is besides, for rules
/// @param claims what whoever vouches for it says about it, for rules: each name has one or more
///   values
/// @param expiresMillis until when that holds, in milliseconds since 1970; 0 for ever
/// @param provedBy what convinced: `password`, `token`; empty where nothing did
public record Principal(
        @Nullable String name,
        boolean local,
        String address,
        Set<String> roles,
        Map<String, List<String>> claims,
        long expiresMillis,
        String provedBy) {

    public Principal {
        roles = Set.copyOf(roles);
        claims =
                claims.entrySet().stream()
                        .collect(
                                Collectors.toUnmodifiableMap(
                                        Map.Entry::getKey, claim -> List.copyOf(claim.getValue())));
    }

    /// Of whom nothing is known that convinced.
    public Principal(
            @Nullable String name,
            boolean local,
            String address,
            Set<String> roles,
            Map<String, List<String>> claims,
            long expiresMillis) {
        this(name, local, address, roles, claims, expiresMillis, "");
    }

    /// The same, proved by this.
    public Principal provedBy(String what) {
        return new Principal(name, local, address, roles, claims, expiresMillis, what);
    }

    /// The same with other roles.
    public Principal withRoles(Set<String> others) {
        return new Principal(name, local, address, others, claims, expiresMillis, provedBy);
    }

    /// Somebody of whom no more is known.
    public static Principal of(@Nullable String name, boolean local, String address) {
        return new Principal(name, local, address, Set.of(), Map.of(), 0);
    }
}
