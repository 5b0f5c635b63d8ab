package io.switchboard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The files of the repository keep the rules.
class SourcesTest {
    /// Java files that are longer than they should be, with their length today. The list may only
    /// get shorter.
    private static final Map<String, Integer> LONG_FILES = Map.of();

    private final SourceRules sources = new SourceRules(repository());

    @Test
    void filesAreShort() {
        assertThat(sources.longFiles(LONG_FILES)).isEmpty();
    }

    @Test
    void linesAreShort() {
        assertThat(sources.longLines()).isEmpty();
    }

    @Test
    void nothingIsMarkedAsUnfinished() {
        assertThat(sources.marksOfUnfinishedWork()).isEmpty();
    }

    @Test
    void nothingNamesOneMachine() {
        assertThat(sources.machinePaths()).isEmpty();
    }

    @Test
    void pomsFollowTheArrows() {
        assertThat(sources.pomArrows()).isEmpty();
    }

    @Test
    void pureModulesHaveDescriptors() {
        assertThat(sources.descriptorsOfPureModules()).isEmpty();
    }

    static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve(".mvn"))) {
            folder = folder.getParent();
            assertThat(folder).as("a folder with .mvn above the tests").isNotNull();
        }
        return folder;
    }
}
