package io.switchboard.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Habits that are in the text of the files rather than in the compiled classes. Each rule answers
/// what offends it.
final class SourceRules {
    static final int FILE_LENGTH_MAX = 700;
    static final int LINE_LENGTH_MAX = 100;

    /// Folders of tools, of what was built, and of other people's work.
    private static final Set<String> FOREIGN_FOLDERS =
            Set.of(
                    ".git",
                    ".idea",
                    ".vscode",
                    ".cifuzz-corpus",
                    "__pycache__",
                    "data",
                    "node_modules",
                    "target",
                    "vendor");

    private static final Pattern TEXT_FILE =
            Pattern.compile(
                    "[^.]+|\\..+ignore|.*\\.(java|xml|md|sh|js|mjs|ts|css|html|svg|json|ya?ml|py|txt"
                        + "|properties|config|conf)");

    /// Put together from halves so that this file keeps the rules itself.
    private static final Pattern LEFT_OPEN =
            Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

    private static final Pattern MACHINE_PATH =
            Pattern.compile(
                    "(?<![\\w.}~-])(/wo" + "rk|/ro" + "ot|/ho" + "me/\\w+|/Us" + "ers/\\w+)/\\w");

    private static final Pattern POM_DEPENDENCY =
            Pattern.compile(
                    "<dependency>((?:(?!</dependency>).)*<artifactId>switchboard-([a-z-]+)</artifactId>"
                        + "(?:(?!</dependency>).)*)</dependency>",
                    Pattern.DOTALL);

    private static final Pattern REQUIRES =
            Pattern.compile("^\\s*requires\\s+([^;]+);", Pattern.MULTILINE);

    private static final Pattern NULL_MARKED =
            Pattern.compile("^@(org\\.jspecify\\.annotations\\.)?NullMarked\\b", Pattern.MULTILINE);

    private final Path root;

    SourceRules(Path root) {
        this.root = root;
    }

    /// Java files longer than `FILE_LENGTH_MAX`. Those in `tolerated` may be as long as it says: it
    /// holds today's exceptions, may only get shorter, and an entry that is no longer needed
    /// offends too.
    List<String> longFiles(Map<String, Integer> tolerated) {
        List<String> offenders = new ArrayList<>();
        Map<String, Integer> unused = new TreeMap<>(tolerated);
        for (Path file : files()) {
            int lines = lines(file).size();
            if (!name(file).endsWith(".java") || lines <= FILE_LENGTH_MAX) {
                continue;
            }
            Integer limit = unused.remove(name(file));
            if (limit == null || lines > limit) {
                offenders.add(name(file) + " has " + lines + " lines");
            } else if (lines < limit) {
                offenders.add(name(file) + " has only " + lines + " lines now: say so in the list");
            }
        }
        unused.keySet()
                .forEach(file -> offenders.add(file + " is short now: take it off the list"));
        return offenders;
    }

    /// Lines of shipped Java that are too long; the formatter does not break text and comments.
    List<String> longLines() {
        return matches(
                file -> file.contains("/src/main/java/") && file.endsWith(".java"),
                line ->
                        line.codePointCount(0, line.length()) > LINE_LENGTH_MAX
                                && !line.startsWith("import "));
    }

    /// Marks of unfinished work.
    List<String> marksOfUnfinishedWork() {
        return matches(file -> true, line -> LEFT_OPEN.matcher(line).find());
    }

    /// Paths and hosts that exist on one machine only.
    List<String> machinePaths() {
        List<String> offenders = matches(file -> true, line -> MACHINE_PATH.matcher(line).find());
        offenders.addAll(
                matches(
                        file -> file.endsWith("package-lock.json"),
                        line -> line.contains("\"resolved\": \"http")));
        return offenders;
    }

    /// Dependencies between the modules' poms that are no arrow of the house. Those of tests are
    /// free.
    List<String> pomArrows() {
        List<String> offenders = new ArrayList<>();
        for (String module : House.modules()) {
            Path pom = root.resolve(module).resolve("pom.xml");
            Matcher dependency = POM_DEPENDENCY.matcher(Files.exists(pom) ? text(pom) : "");
            while (dependency.find()) {
                boolean forTests = dependency.group(1).contains("<scope>test</scope>");
                if (!forTests && !House.allowed(module).contains(dependency.group(2))) {
                    offenders.add(module + " -> " + dependency.group(2));
                }
            }
        }
        return offenders;
    }

    /// Pure modules without a descriptor, or with one that asks for more than null annotations and
    /// the arrows.
    List<String> descriptorsOfPureModules() {
        List<String> offenders = new ArrayList<>();
        for (String module : House.PURE) {
            Path descriptor = root.resolve(module).resolve("src/main/java/module-info.java");
            if (!Files.exists(root.resolve(module).resolve("src"))) {
                continue;
            }
            if (!Files.exists(descriptor)) {
                offenders.add(module + " has no module-info.java");
                continue;
            }
            if (!isNullMarked(descriptor)) {
                offenders.add(module + " is not @NullMarked");
            }
            Set<String> allowed = new HashSet<>(Set.of("static org.jspecify"));
            for (String used : House.allowed(module)) {
                allowed.add("io.switchboard." + used);
                allowed.add("transitive io.switchboard." + used);
            }
            Matcher requires = REQUIRES.matcher(text(descriptor));
            while (requires.find()) {
                if (!allowed.contains(requires.group(1).strip())) {
                    offenders.add(module + " requires " + requires.group(1).strip());
                }
            }
        }
        return offenders;
    }

    /// The whole module, or its main package by itself.
    private boolean isNullMarked(Path descriptor) {
        String module = root.relativize(descriptor).getName(0).toString();
        Path main = descriptor.resolveSibling("io/switchboard/" + module + "/package-info.java");
        return NULL_MARKED.matcher(text(descriptor)).find()
                || (Files.exists(main) && NULL_MARKED.matcher(text(main)).find());
    }

    private interface Test {
        boolean of(String text);
    }

    private List<String> matches(Test file, Test line) {
        List<String> offenders = new ArrayList<>();
        for (Path path : files()) {
            if (!file.of(name(path))) {
                continue;
            }
            List<String> lines = lines(path);
            for (int i = 0; i < lines.size(); i++) {
                if (line.of(lines.get(i))) {
                    offenders.add(name(path) + ":" + (i + 1) + ": " + lines.get(i).strip());
                }
            }
        }
        return offenders;
    }

    /// The text files of the project itself.
    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(
                    root,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(
                                Path folder, BasicFileAttributes attributes) {
                            return FOREIGN_FOLDERS.contains(folder.getFileName().toString())
                                    ? FileVisitResult.SKIP_SUBTREE
                                    : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            if (attributes.isRegularFile()
                                    && TEXT_FILE.matcher(file.getFileName().toString()).matches()) {
                                files.add(file);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort(null);
        return files;
    }

    private String name(Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    /// Fuzz seeds have no ending either and need not be text, so what is not UTF-8 has no lines.
    private static List<String> lines(Path file) {
        return text(file).lines().toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (java.nio.charset.MalformedInputException notText) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
