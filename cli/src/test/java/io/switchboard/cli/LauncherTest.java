package io.switchboard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The script `switchboard`, in a copy of the project that has a blank in its path, with a Java and
/// a Maven that only write down how they were called.
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LauncherTest {
    private static final String FAKE_JAVA =
            """
            #!/bin/sh
            for argument; do
                case $argument in
                    -XX:AOTCacheOutput=*)
                        trap 'echo cache >"${argument#*=}"; exit 0' TERM
                        echo "Switchboard is ready"
                        while :; do sleep 0.05; done ;;
                esac
            done
            echo "pid $$"
            for argument; do echo "[$argument]"; done
            """;

    private static final String FAKE_MAVEN =
            """
            #!/bin/sh
            echo "$@" >>"$(dirname "$0")/mvn.calls"
            for argument; do
                case $argument in
                    -Dexecutable.jar=*) jar=${argument#*=} ;;
                esac
            done
            sleep 0.2
            echo jar >"$jar"
            """;

    @TempDir Path sandbox;
    private final List<Process> started = new ArrayList<>();
    private Path root;
    private Path bin;
    private Path jdk;

    private record Run(long pid, int status, List<String> out, List<String> err) {}

    @BeforeEach
    void copyTheProject() throws IOException {
        root = Files.createDirectories(sandbox.resolve("a project"));
        bin = Files.createDirectories(sandbox.resolve("bin"));
        Files.createDirectories(root.resolve("scripts"));
        Path project = project();
        Files.copy(
                project.resolve("switchboard"),
                root.resolve("switchboard"),
                StandardCopyOption.COPY_ATTRIBUTES);
        for (String script : List.of("build-jar.sh", "stale-jar.sh", "find-jdk.sh")) {
            // The folders that are searched for a JDK are the sandbox's, not the machine's.
            String text =
                    Files.readString(project.resolve("scripts").resolve(script))
                            .replace(" /usr/lib/jvm", " " + sandbox + "/jvm")
                            .replace(" /opt/", " " + sandbox + "/opt/")
                            .replace(" /Library/", " " + sandbox + "/Library/");
            write(root.resolve("scripts").resolve(script), text);
        }
        write(root.resolve("pom.xml"), "<project/>");
        write(root.resolve("stomp/src/main/java/A.java"), "class A {}");
        write(root.resolve("stomp/src/test/java/T.java"), "class T {}");
        write(root.resolve("testkit/src/main/java/K.java"), "class K {}");
        tool(bin.resolve("mvn"), FAKE_MAVEN);
        jdk = fakeJdk("jvm/jdk-25", "25.0.1");
    }

    @AfterEach
    void endWhatHangs() {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Nested
    class FindingAJdk {
        @Test
        void withoutOneItSaysWhatToDoInOneLine() throws Exception {
            Files.delete(jdk.resolve("bin/javac"));
            Run run = start();
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).singleElement().asString().contains("JDK 25", "install");
            assertThat(run.out()).isEmpty();
        }

        @Test
        void anOldOneIsNone() throws Exception {
            write(jdk.resolve("release"), "JAVA_VERSION=\"24.0.2\"\n");
            assertThat(start().status()).isEqualTo(2);
        }

        @Test
        void anOldJavaHomeIsPassedOver() throws Exception {
            Path old = fakeJdk("old", "17.0.15");
            Run run = finish(process("version", "JAVA_HOME=" + old));
            assertThat(run.status()).isZero();
        }

        @Test
        void javaHomeComesFirst() throws Exception {
            Path mine = fakeJdk("mine", "26-ea");
            write(mine.resolve("bin/java"), "#!/bin/sh\necho mine\n");
            assertThat(finish(process("version", "JAVA_HOME=" + mine)).out())
                    .containsExactly("mine");
        }

        @Test
        void theJavacOnThePathComesBeforeTheFolders() throws Exception {
            Path mine = fakeJdk("mine", "25");
            write(mine.resolve("bin/java"), "#!/bin/sh\necho mine\n");
            Files.createSymbolicLink(bin.resolve("javac"), mine.resolve("bin/javac"));
            assertThat(start().out()).containsExactly("mine");
        }

        @Test
        void amongTheFolders25ComesBeforeNewerOnes() throws Exception {
            Path newer = fakeJdk("jvm/a-jdk-26", "26");
            write(newer.resolve("bin/java"), "#!/bin/sh\necho newer\n");
            assertThat(start().out()).doesNotContain("newer");
            Files.delete(jdk.resolve("bin/javac"));
            assertThat(start().out()).contains("newer");
        }
    }

    @Nested
    class Building {
        @Test
        void happensOnce() throws Exception {
            Run first = start();
            assertThat(first.status()).isZero();
            assertThat(first.err()).singleElement().asString().startsWith("Building Switchboard");
            assertThat(mavenCalls()).hasSize(1);

            Files.delete(bin.resolve("mvn"));
            Run second = start();
            assertThat(second.status()).isZero();
            assertThat(second.err()).isEmpty();
        }

        @Test
        void happensAgainWhenASourceIsNewer() throws Exception {
            start();
            touch(root.resolve("stomp/src/main/java/A.java"));
            start();
            assertThat(mavenCalls()).hasSize(2);
        }

        @Test
        void happensAgainWhenASourceIsGone() throws Exception {
            start();
            Files.delete(root.resolve("stomp/src/main/java/A.java"));
            touch(root.resolve("stomp/src/main/java"));
            start();
            assertThat(mavenCalls()).hasSize(2);
        }

        @Test
        void doesNotHappenForTestsAndTheirTools() throws Exception {
            start();
            touch(root.resolve("stomp/src/test/java/T.java"));
            touch(root.resolve("testkit/src/main/java/K.java"));
            start();
            assertThat(mavenCalls()).hasSize(1);
        }

        @Test
        void failsInOneLineThatNamesTheLog() throws Exception {
            tool(bin.resolve("mvn"), "#!/bin/sh\necho the reason\nexit 1\n");
            Run run = start();
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).hasSize(2).last().asString().contains("target/build.log");
            assertThat(root.resolve("target/build.log")).content().contains("the reason");
            assertThat(run.out()).isEmpty();
        }

        @Test
        void withoutMavenItSaysWhatToInstall() throws Exception {
            Files.delete(bin.resolve("mvn"));
            Run run = start();
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).singleElement().asString().contains("Maven", "install");
        }

        @Test
        void happensOnceForStartsThatComeTogether() throws Exception {
            List<Process> together = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                together.add(process("version"));
            }
            for (Process process : together) {
                assertThat(finish(process).status()).isZero();
            }
            assertThat(mavenCalls()).hasSize(1);
            assertThat(root.resolve("target/build.lock")).doesNotExist();
        }

        @Test
        void isNotHeldUpByAStartThatDied() throws Exception {
            Process dead = new ProcessBuilder("true").start();
            dead.waitFor();
            Files.createDirectories(root.resolve("target"));
            Files.createSymbolicLink(
                    root.resolve("target/build.lock"), Path.of(Long.toString(dead.pid())));
            assertThat(start().status()).isZero();
        }
    }

    @Nested
    class Starting {
        @Test
        void becomesTheJavaProcess() throws Exception {
            Run run = start();
            assertThat(run.out()).first().isEqualTo("pid " + run.pid());
        }

        @Test
        void handsOnItsArgumentsUntouched() throws Exception {
            Run run = finish(process("pub", "/topic/a b", "*", "", "$HOME"));
            assertThat(run.out()).endsWith("[pub]", "[/topic/a b]", "[*]", "[]", "[$HOME]");
        }

        @Test
        void handsOnTheOptionsForTheJvm() throws Exception {
            Run run = finish(process("version", "SWITCHBOARD_JAVA_OPTS=-Xmx1g -Dx=*"));
            assertThat(run.out())
                    .containsSubsequence("[-Xmx1g]", "[-Dx=*]", "[-jar]", "[" + jar() + "]");
        }

        @Test
        void worksThroughLinksFromAnywhere() throws Exception {
            Path links = Files.createDirectories(sandbox.resolve("other place"));
            Files.createSymbolicLink(
                    links.resolve("direct"), Path.of("..", "a project", "switchboard"));
            Files.createSymbolicLink(links.resolve("sb"), links.resolve("direct"));
            Process process = begin(command(sandbox, List.of("other place/sb", "version")));
            assertThat(finish(process).out()).contains("[" + jar() + "]", "[version]");
        }
    }

    @Nested
    class AotCache {
        @Test
        void isMadeWithTheJarAndUsed() throws Exception {
            assertThat(start().out()).anyMatch(line -> line.startsWith("[-XX:AOTCache="));
        }

        @Test
        void isLeftOutWhenTheJarIsNewer() throws Exception {
            start();
            touch(root.resolve("cli/target/switchboard.jar"));
            assertThat(start().out()).noneMatch(line -> line.startsWith("[-XX:AOTCache="));
        }

        @Test
        void isLeftOutOnAnotherJvm() throws Exception {
            start();
            write(jdk.resolve("release"), "JAVA_VERSION=\"25.0.9\"\n");
            assertThat(start().out()).noneMatch(line -> line.startsWith("[-XX:AOTCache="));
        }

        @Test
        void isNotNeeded() throws Exception {
            tool(
                    jdk.resolve("bin/java"),
                    FAKE_JAVA.replace("echo \"Switchboard is ready\"", "exit 1"));
            Run run = start();
            assertThat(run.status()).isZero();
            assertThat(run.err()).hasSize(1);
            assertThat(run.out()).noneMatch(line -> line.startsWith("[-XX:AOTCache="));
        }
    }

    private Run start() throws Exception {
        return finish(process("version"));
    }

    /// Starts the script from its own folder; arguments like `NAME=value` with a capital name go to
    /// the environment instead.
    private Process process(String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of(root.resolve("switchboard").toString()));
        List<String> settings = new ArrayList<>();
        for (String argument : arguments) {
            (argument.matches("(?s)[A-Z_]+=.*") ? settings : words).add(argument);
        }
        ProcessBuilder builder = command(root, words);
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            builder.environment().put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return begin(builder);
    }

    private Process begin(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private ProcessBuilder command(Path folder, List<String> words) {
        ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", bin + ":" + tools());
        builder.environment().put("HOME", sandbox.toString());
        return builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    }

    private static Run finish(Process process) throws Exception {
        List<String> out = new ArrayList<>();
        Thread reader =
                Thread.startVirtualThread(() -> process.inputReader().lines().forEach(out::add));
        List<String> err = process.errorReader().lines().toList();
        reader.join();
        return new Run(process.pid(), process.waitFor(), out, err);
    }

    private List<String> mavenCalls() throws IOException {
        return Files.readAllLines(bin.resolve("mvn.calls"));
    }

    private Path jar() {
        return root.resolve("cli/target/switchboard.jar");
    }

    /// The ordinary tools of the machine, without its javac and its Maven.
    private String tools() {
        Path tools = sandbox.resolve("tools");
        try {
            if (!Files.exists(tools)) {
                Files.createDirectories(tools);
                for (String tool :
                        List.of(
                                "sh",
                                "basename",
                                "cat",
                                "cksum",
                                "cut",
                                "dirname",
                                "find",
                                "grep",
                                "head",
                                "ln",
                                "mkdir",
                                "mv",
                                "readlink",
                                "rm",
                                "rmdir",
                                "sed",
                                "sleep")) {
                    String real =
                            (Files.exists(Path.of("/usr/bin", tool)) ? "/usr/bin/" : "/bin/")
                                    + tool;
                    tool(tools.resolve(tool), "#!/bin/sh\nexec " + real + " \"$@\"\n");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tools.toString();
    }

    private Path fakeJdk(String name, String version) throws IOException {
        Path home = sandbox.resolve(name);
        tool(home.resolve("bin/java"), FAKE_JAVA);
        tool(home.resolve("bin/javac"), "#!/bin/sh\n");
        write(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private static void tool(Path file, String text) throws IOException {
        write(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// Files are an hour old, so that what is built from them is newer whatever the resolution of
    /// the file system's clock.
    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(3600)));
        Files.setLastModifiedTime(
                file.getParent(), FileTime.from(Instant.now().minusSeconds(3600)));
    }

    private static void touch(Path file) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(3600)));
    }

    private static Path project() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve(".mvn"))) {
            folder = folder.getParent();
        }
        return folder;
    }
}
