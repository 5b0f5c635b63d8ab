package io.switchboard.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every rule about sources finds what is planted for it.
class SourceRulesTest {
    private static final String MAIN = "stomp/src/main/java/Long.java";

    @TempDir Path root;
    private SourceRules sources;

    @BeforeEach
    void lookAtTheFolder() {
        sources = new SourceRules(root);
    }

    @Test
    void longFilesAreFound() throws IOException {
        plant(MAIN, "\n".repeat(701));
        plant("stomp/src/main/java/Short.java", "\n".repeat(700));
        assertThat(sources.longFiles(Map.of())).containsExactly(MAIN + " has 701 lines");
    }

    @Test
    void aToleratedFileMayNotGrow() throws IOException {
        plant(MAIN, "\n".repeat(801));
        assertThat(sources.longFiles(Map.of(MAIN, 801))).isEmpty();
        assertThat(sources.longFiles(Map.of(MAIN, 800))).hasSize(1);
    }

    @Test
    void theListOfToleratedFilesMustShrinkWithThem() throws IOException {
        plant(MAIN, "\n".repeat(750));
        assertThat(sources.longFiles(Map.of(MAIN, 800))).hasSize(1);
        plant(MAIN, "\n");
        assertThat(sources.longFiles(Map.of(MAIN, 800))).hasSize(1);
    }

    @Test
    void longLinesOfShippedCodeAreFound() throws IOException {
        plant(MAIN, "é".repeat(100) + "\n" + "e".repeat(101) + "\n");
        plant("stomp/src/test/java/Test.java", "e".repeat(101));
        assertThat(sources.longLines()).singleElement().asString().startsWith(MAIN + ":2: e");
    }

    @Test
    void marksOfUnfinishedWorkAreFoundInEveryKindOfFile() throws IOException {
        plant("switchboard", "# TO" + "DO: more");
        plant("README.md", "one\nFIX" + "ME");
        plant("a/b.js", "// XX" + "X");
        plant("a/target/b.js", "// XX" + "X");
        plant("a/fine.js", "// mastodon, AUTODOC, XXXL");
        assertThat(sources.marksOfUnfinishedWork()).hasSize(3);
    }

    @Test
    void machinePathsAreFound() throws IOException {
        plant("a.sh", "cd /ho" + "me/someone/code");
        plant("b.md", "see `/wo" + "rk/x`");
        plant("c.java", "\"/Us" + "ers/me/x\"");
        plant("package-lock.json", "{ \"resolved\": \"https://mirror.example/x\" }");
        plant("fine.sh", "ls $HOME/work/x target/work/y https://example.org/a/root/b");
        assertThat(sources.machinePaths()).hasSize(4);
    }

    @Test
    void whatIsNotTextIsNotRead() throws IOException {
        Path seed = root.resolve("seed");
        Files.write(seed, new byte[] {(byte) 0xff, (byte) 0xfe});
        assertThat(sources.marksOfUnfinishedWork()).isEmpty();
    }

    @Test
    void wrongArrowsInPomsAreFound() throws IOException {
        plant(
                "broker/pom.xml",
                dependency("switchboard-stomp", "")
                        + dependency("switchboard-testkit", "<scope>test</scope>"));
        plant("gateway/pom.xml", dependency("switchboard-stomp", ""));
        assertThat(sources.pomArrows()).containsExactly("broker -> stomp");
    }

    @Test
    void missingAndGreedyDescriptorsAreFound() throws IOException {
        plant("websocket/src/main/java/Any.java", "");
        plant(
                "stomp/src/main/java/module-info.java",
                "@NullMarked module io.switchboard.stomp {\n requires static org.jspecify;\n}");
        plant(
                "broker/src/main/java/module-info.java",
                "@NullMarked module io.switchboard.broker {\n requires java.logging;\n}");
        plant(
                "gateway/src/main/java/module-info.java",
                "module io.switchboard.gateway {\n requires transitive io.switchboard.broker;\n}");
        assertThat(sources.descriptorsOfPureModules())
                .containsExactlyInAnyOrder(
                        "websocket has no module-info.java",
                        "broker requires java.logging",
                        "gateway is not @NullMarked");
    }

    private void plant(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static String dependency(String artifact, String scope) {
        return "<dependency><groupId>io.switchboard</groupId><artifactId>"
                + artifact
                + "</artifactId><version>1</version>"
                + scope
                + "</dependency>\n";
    }
}
