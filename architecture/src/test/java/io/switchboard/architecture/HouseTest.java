package io.switchboard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The compiled modules keep the rules.
class HouseTest {
    private static final JavaClasses SHIPPED =
            new ClassFileImporter()
                    .withImportOption(location -> !location.contains("/architecture/"))
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages(House.ROOT);

    /// Rules about classes that are not there would always hold.
    @Nested
    class Everything {
        @Test
        void thatIsBuiltIsAModuleOfTheHouse() throws IOException {
            String pom = Files.readString(SourcesTest.repository().resolve("pom.xml"));
            List<String> built =
                    Pattern.compile("<module>([^<]+)</module>")
                            .matcher(pom)
                            .results()
                            .map(module -> module.group(1))
                            .filter(module -> !House.TESTS_ONLY.contains(module))
                            .toList();
            assertThat(built).containsExactlyInAnyOrderElementsOf(House.modules());
        }

        @ParameterizedTest
        @MethodSource("io.switchboard.architecture.House#modules")
        void thatHasSourcesIsLookedAt(String module) throws IOException {
            assertThat(SHIPPED.stream().anyMatch(shipped -> isIn(module, shipped)))
                    .isEqualTo(hasSources(module));
        }

        private boolean isIn(String module, JavaClass shipped) {
            String name = House.ROOT + "." + module;
            return shipped.getPackageName().equals(name)
                    || shipped.getPackageName().startsWith(name + ".");
        }

        private boolean hasSources(String module) throws IOException {
            Path sources = SourcesTest.repository().resolve(module).resolve("src/main/java");
            if (!Files.exists(sources)) {
                return false;
            }
            try (Stream<Path> files = Files.walk(sources)) {
                return files.anyMatch(file -> file.toString().endsWith(".java"));
            }
        }
    }

    @Nested
    class Arrows {
        @ParameterizedTest
        @MethodSource("io.switchboard.architecture.House#modules")
        void pointInward(String module) {
            ModuleRules.arrows(House.ROOT, module).check(SHIPPED);
        }

        @Test
        void nothingShippedUsesTheTestkit() {
            ModuleRules.testkitIsForTests(House.ROOT).check(SHIPPED);
        }

        @Test
        void everyPackageBelongsToAModule() {
            var strangers = new TreeSet<String>();
            for (var shipped : SHIPPED) {
                String rest = shipped.getPackageName().substring(House.ROOT.length() + 1);
                if (!House.modules().contains(rest.split("\\.")[0])) {
                    strangers.add(shipped.getName());
                }
            }
            assertThat(strangers).isEmpty();
        }
    }

    @Nested
    class Purity {
        @Test
        void pureCodeUsesOnlyValues() {
            ModuleRules.pureCodeUsesOnlyValues(House.ROOT).check(SHIPPED);
        }

        @Test
        void pureCodeAsksNobodyForTimeOrChance() {
            ModuleRules.pureCodeAsksNobodyForTimeOrChance(House.ROOT).check(SHIPPED);
        }

        @Test
        void nettyBuffersStayInTheTransport() {
            ModuleRules.nettyBuffersStayInTheTransport(House.ROOT).check(SHIPPED);
        }

        @Test
        void nettyIsForServerAndLoad() {
            ModuleRules.nettyIsForServerAndLoad(House.ROOT).check(SHIPPED);
        }
    }

    @Nested
    class Names {
        @Test
        void sayWhatAThingIs() {
            NameRules.namesSayWhatAThingIs(House.ROOT).check(SHIPPED);
        }
    }
}
