package io.switchboard.server;

import java.util.List;
import java.util.Set;

/// Which proxies stand in front of the server. What anybody else says about whom it speaks for is
/// not believed.
///
/// @param trusted their addresses or networks: `192.0.2.7`, `10.0.0.0/8`, `fd00::/8`
/// @param protocolOn the listeners where they begin each connection with a header of the PROXY
///   protocol: `http`, `tls`, `stomp`, `stomp-tls`, `admin`
public record ProxyOptions(List<String> trusted, Set<String> protocolOn) {
    public static final ProxyOptions NONE = new ProxyOptions(List.of(), Set.of());

    public ProxyOptions {
        trusted = List.copyOf(trusted);
        protocolOn = Set.copyOf(protocolOn);
    }
}
