package io.switchboard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.TreeSet;
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

    @Nested
    class Arrows {
        static Stream<String> modules() {
            return House.modules().stream();
        }

        @ParameterizedTest
        @MethodSource("modules")
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
        void nettyStaysInTheServer() {
            ModuleRules.nettyStaysInTheServer(House.ROOT).check(SHIPPED);
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
