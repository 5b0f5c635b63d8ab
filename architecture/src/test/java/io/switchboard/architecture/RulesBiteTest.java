package io.switchboard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Every rule finds the violations that are planted for it in the package `planted`, and nothing
/// else.
class RulesBiteTest {
    private static final String ROOT = "io.switchboard.architecture.planted";
    private static final JavaClasses PLANTED = new ClassFileImporter().importPackages(ROOT);

    @Nested
    class Arrows {
        @Test
        void fromWebsocketToStomp() {
            assertThat(offenders(ModuleRules.arrows(ROOT, "websocket")))
                    .containsExactly("websocket.UsesStomp");
        }

        @Test
        void fromServerToClient() {
            assertThat(offenders(ModuleRules.arrows(ROOT, "server")))
                    .containsExactly("server.UsesClient");
        }

        @Test
        void fromBrokerToClient() {
            assertThat(offenders(ModuleRules.arrows(ROOT, "broker")))
                    .containsExactly("broker.Impure$Types$UsesClient");
        }

        @Test
        void fromAnythingToTheTestkit() {
            assertThat(offenders(ModuleRules.testkitIsForTests(ROOT)))
                    .containsExactly("gateway.UsesTestkit");
        }

        @Test
        void noneWhereAllIsWell() {
            assertThat(offenders(ModuleRules.arrows(ROOT, "stomp"))).isEmpty();
        }
    }

    @Nested
    class Purity {
        @Test
        void everyForbiddenTypeIsFound() {
            assertThat(offenders(ModuleRules.pureCodeUsesOnlyValues(ROOT)))
                    .containsAll(planted("broker.Impure$Types$"))
                    .noneMatch(name -> name.startsWith("stomp."));
        }

        @Test
        void everyForbiddenCallIsFound() {
            assertThat(offenders(ModuleRules.pureCodeAsksNobodyForTimeOrChance(ROOT)))
                    .containsExactlyElementsOf(planted("broker.Impure$Calls$"));
        }

        @Test
        void buffersOutsideTheTransportAreFound() {
            assertThat(offenders(ModuleRules.nettyBuffersStayInTheTransport(ROOT)))
                    .containsExactly("server.HoldsBuffer");
        }

        @Test
        void nettyElsewhereIsFound() {
            assertThat(offenders(ModuleRules.nettyIsForServerAndLoad(ROOT)))
                    .containsExactly("client.UsesNetty");
        }
    }

    @Nested
    class Names {
        @Test
        void emptyWordsAreFound() {
            Set<String> expected = new TreeSet<>(planted("client.Names$"));
            expected.remove("client.Names$Implement");
            assertThat(offenders(NameRules.namesSayWhatAThingIs(ROOT)))
                    .containsExactlyElementsOf(expected);
        }
    }

    /// The planted classes whose names begin like this.
    private static Set<String> planted(String prefix) {
        Set<String> names =
                PLANTED.stream()
                        .map(planted -> planted.getName().substring(ROOT.length() + 1))
                        .filter(name -> name.startsWith(prefix))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(names).isNotEmpty();
        return names;
    }

    /// The planted classes that the rule complains about.
    private static Set<String> offenders(ArchRule rule) {
        Set<String> names = new TreeSet<>();
        rule.evaluate(PLANTED)
                .handleViolations((Collection<Object> violations, String message) -> {
                    for (Object violation : violations) {
                        names.add(origin(violation).substring(ROOT.length() + 1));
                    }
                });
        return names;
    }

    private static String origin(Object violation) {
        return switch (violation) {
            case Dependency dependency -> dependency.getOriginClass().getName();
            case JavaAccess<?> access -> access.getOriginOwner().getName();
            case JavaClass named -> named.getName();
            default -> throw new AssertionError("unexpected kind of violation: " + violation);
        };
    }
}
