package io.switchboard.server.http;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;

/// By which addresses and names this machine can be called.
///
/// @param addresses of its network interfaces
/// @param hostNames what it calls itself; not what DNS calls it, as that is for others to say
public record MachineNames(Set<InetAddress> addresses, Set<String> hostNames) {
    public MachineNames {
        addresses = Set.copyOf(addresses);
        hostNames = Set.copyOf(hostNames);
    }

    /// Asks the operating system. What it does not know is left out.
    public static MachineNames read() {
        Set<InetAddress> addresses = new LinkedHashSet<>();
        Set<String> names = new LinkedHashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .forEach(addresses::add);
        } catch (SocketException e) {
            // Then the addresses must be named in the configuration.
        }
        try {
            names.add(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            // A machine whose name leads nowhere is not called by it.
        }
        return new MachineNames(addresses, names);
    }
}
