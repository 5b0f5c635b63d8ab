package io.switchboard.cli;

import picocli.CommandLine.IVersionProvider;

/// The version that the build wrote into the jar's manifest.
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Switchboard.class.getPackage().getImplementationVersion();
        return new String[] {"Switchboard " + (version == null ? "(not packaged)" : version)};
    }
}
