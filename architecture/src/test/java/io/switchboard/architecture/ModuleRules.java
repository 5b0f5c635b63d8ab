package io.switchboard.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/// Which code may see which. The root package is an argument, so that the same rules can be shown
/// to bite on planted violations.
final class ModuleRules {
    /// What pure code may use of the JDK: values, collections and buffers. Everything that is not
    /// here is forbidden with it: sockets, channels, files, loggers, threads and their tools.
    private static final Set<String> PURE_PACKAGES =
            Set.of(
                    "java.lang",
                    "java.lang.annotation",
                    "java.lang.invoke",
                    "java.lang.runtime",
                    "java.math",
                    "java.nio",
                    "java.nio.charset",
                    "java.security",
                    "java.time",
                    "java.util",
                    "java.util.function",
                    "java.util.random",
                    "java.util.regex",
                    "java.util.stream",
                    "java.util.zip",
                    "org.jspecify.annotations");

    /// The atomic number is of the one sum that shards share, the broker's `Budget`.
    private static final Set<String> PURE_CLASSES =
            Set.of(
                    "java.io.Serializable",
                    "java.net.URI",
                    "java.util.concurrent.TimeUnit",
                    "java.util.concurrent.atomic.AtomicLong");

    private static final Set<String> IMPURE_CLASSES =
            Set.of(
                    "java.lang.InheritableThreadLocal",
                    "java.lang.Process",
                    "java.lang.ProcessBuilder",
                    "java.lang.ProcessHandle",
                    "java.lang.Runtime",
                    "java.lang.ScopedValue",
                    "java.lang.System$Logger",
                    "java.lang.System$LoggerFinder",
                    "java.lang.Thread",
                    "java.lang.ThreadGroup",
                    "java.lang.ThreadLocal",
                    "java.security.SecureRandom",
                    "java.time.Clock",
                    "java.time.InstantSource",
                    "java.util.Scanner",
                    "java.util.ServiceLoader",
                    "java.util.Timer",
                    "java.util.TimerTask");

    private static final Set<String> PURE_SYSTEM_METHODS =
            Set.of("arraycopy", "identityHashCode", "lineSeparator");

    private ModuleRules() {}

    static ArchRule arrows(String root, String module) {
        Set<String> allowed = House.allowed(module);
        return noClasses()
                .that()
                .resideInAPackage(root + "." + module + "..")
                .should()
                .dependOnClassesThat(
                        describe(
                                "are in another module than " + allowed,
                                used -> {
                                    String other = moduleOf(root, used.getPackageName());
                                    return other != null
                                            && !other.equals(module)
                                            && !allowed.contains(other);
                                }))
                .allowEmptyShould(true)
                .because("only the arrows of ARCHITECTURE.md exist");
    }

    static ArchRule pureCodeUsesOnlyValues(String root) {
        return noClasses()
                .that()
                .resideInAnyPackage(purePackages(root))
                .should()
                .dependOnClassesThat(
                        describe(
                                "can reach the outside world or other libraries",
                                used -> !isPureType(root, used.getBaseComponentType())))
                .allowEmptyShould(true)
                .because("bytes, time and chance are arguments of the pure modules");
    }

    static ArchRule pureCodeAsksNobodyForTimeOrChance(String root) {
        return noClasses()
                .that()
                .resideInAnyPackage(purePackages(root))
                .should()
                .accessTargetWhere(
                        describe("reads a clock, the environment or chance", ModuleRules::isImpure))
                .allowEmptyShould(true)
                .because("time and chance are arguments, else no failure can be replayed");
    }

    /// In the server; the load generator has a transport of its own.
    static ArchRule nettyBuffersStayInTheTransport(String root) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackages(root + ".server.transport..", root + ".bench..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty.buffer..")
                .allowEmptyShould(true)
                .because("a buffer with a reference count has one owner");
    }

    static ArchRule nettyIsForServerAndLoad(String root) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackages(root + ".server..", root + ".bench..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .allowEmptyShould(true)
                .because(
                        "Netty is how the server and its load generator do their I/O, nothing"
                                + " more");
    }

    static ArchRule testkitIsForTests(String root) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(root + ".testkit..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(root + ".testkit..")
                .allowEmptyShould(true)
                .because("what is shipped does not contain its test tools");
    }

    private static String[] purePackages(String root) {
        return House.PURE.stream().map(module -> root + "." + module + "..").toArray(String[]::new);
    }

    private static boolean isPureType(String root, JavaClass type) {
        String name = type.getName();
        String module = moduleOf(root, type.getPackageName());
        return type.isPrimitive()
                || (module != null && House.PURE.contains(module))
                || PURE_CLASSES.contains(name)
                || (PURE_PACKAGES.contains(type.getPackageName())
                        && !IMPURE_CLASSES.contains(name));
    }

    private static boolean isImpure(JavaAccess<?> access) {
        String owner = access.getTarget().getOwner().getName();
        String name = access.getTarget().getName();
        return switch (owner) {
            case "java.lang.System" -> !PURE_SYSTEM_METHODS.contains(name);
            case "java.lang.Math", "java.lang.StrictMath" -> name.equals("random");
            case "java.util.UUID" -> name.equals("randomUUID");
            case "java.util.Random", "java.util.SplittableRandom" ->
                    name.equals("<init>") && access.getTarget().getFullName().endsWith("()");
            case "java.util.random.RandomGenerator" ->
                    name.equals("getDefault") || name.equals("of");
            case "java.util.Collections" ->
                    name.equals("shuffle")
                            && access.getTarget().getFullName().endsWith("(java.util.List)");
            default ->
                    name.equals("printStackTrace")
                            || (name.equals("now") && owner.startsWith("java.time."));
        };
    }

    /// The module that a package belongs to, null when it is none of ours.
    private static String moduleOf(String root, String packageName) {
        if (!packageName.startsWith(root + ".")) {
            return null;
        }
        String rest = packageName.substring(root.length() + 1);
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }
}
