package io.switchboard.server.config;

import io.switchboard.server.ServerOptions;
import io.switchboard.server.StartFailure;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the configuration: the defaults, over them the file, over that the flags.
public final class Configuration {
    private Configuration() {}

    /// @param file or null for none
    /// @param flags by setting, what each was given
    /// @throws StartFailure at the first mistake
    public static ServerOptions read(@Nullable Path file, Map<Setting, List<String>> flags)
            throws StartFailure {
        Draft draft = new Draft();
        if (file != null) {
            ConfigurationFile.read(file, draft);
        }
        for (var flag : flags.entrySet()) {
            try {
                flag.getKey().apply(draft, new Value(List.copyOf(flag.getValue())));
            } catch (BadValue e) {
                throw new StartFailure("--" + flag.getKey().key() + ": " + e.getMessage());
            }
        }
        return draft.options();
    }
}
