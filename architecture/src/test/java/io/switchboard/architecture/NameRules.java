package io.switchboard.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/// Names that say nothing, or that hide two things in one class.
final class NameRules {
    private static final List<String> EMPTY_WORDS =
            List.of("Impl", "Manager", "Helper", "Util", "Utils", "Processor", "Context");

    private NameRules() {}

    static ArchRule namesSayWhatAThingIs(String root) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .haveNameMatching(".*(" + String.join("|", EMPTY_WORDS) + ")")
                .allowEmptyShould(true)
                .because("a class is named by the noun of what it is");
    }
}
