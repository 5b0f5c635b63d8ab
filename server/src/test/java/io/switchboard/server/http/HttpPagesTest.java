package io.switchboard.server.http;

import static io.switchboard.server.http.Requests.get;
import static io.switchboard.server.http.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.WebOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The pages are those among the resources of the tests.
final class HttpPagesTest {
    private static final OriginAndHost CHECK =
            OriginAndHost.of(
                    false,
                    InetAddress.getLoopbackAddress(),
                    new MachineNames(Set.of(), Set.of()),
                    WebOptions.DEFAULT);

    private final HttpPages pages =
            new HttpPages(
                    CHECK, false, false, Set.of("/echo"), HttpPagesTest.class.getClassLoader());

    @Nested
    final class PagesThemselves {
        @ParameterizedTest
        @CsvSource({
            "/, text/html; charset=utf-8",
            "/index.html, text/html; charset=utf-8",
            "/folder/inner/, text/html; charset=utf-8",
            "/style.css, text/css; charset=utf-8",
            "/vendor/thing-1.2.3/thing.js, text/javascript; charset=utf-8",
            "/picture.svg, image/svg+xml",
            "/LICENSE, text/plain; charset=utf-8",
            "/thing.bin, application/octet-stream"
        })
        void haveTheirTypes(String path, String type) {
            HttpAnswer answer = pages.answer(get(path));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Type")).isEqualTo(type);
            assertThat(answer.header("Content-Length")).isEqualTo("" + answer.body().remaining());
        }

        @Test
        void haveTheirContentWhateverTheQuery() {
            assertThat(text(pages.answer(get("/style.css")))).isEqualTo("p {}\n");
            assertThat(text(pages.answer(get("/style.css?v=1")))).isEqualTo("p {}\n");
            assertThat(text(pages.answer(get("http://localhost:8080/style.css?v"))))
                    .isEqualTo("p {}\n");
        }

        /// Each answer's body has a position of its own.
        @Test
        void canBeSentMoreThanOnce() {
            text(pages.answer(get("/style.css")));
            assertThat(text(pages.answer(get("/style.css")))).isEqualTo("p {}\n");
        }

        @Test
        void areAskedForAgainUnlessTheirFolderNamesAVersion() {
            assertThat(pages.answer(get("/style.css")).header("Cache-Control"))
                    .isEqualTo("no-cache");
            assertThat(pages.answer(get("/vendor/thing-1.2.3/thing.js")).header("Cache-Control"))
                    .isEqualTo("public, max-age=31536000, immutable");
        }

        @ParameterizedTest
        @ValueSource(strings = {"TAG", "W/TAG", "\"other\", TAG", "*"})
        void thatDidNotChangeAreNotSentAgain(String condition) {
            String tag = pages.answer(get("/style.css")).header("ETag");
            assertThat(tag).matches("\"[0-9a-f]{32}\"");

            HttpAnswer answer =
                    pages.answer(get("/style.css", "If-None-Match", condition.replace("TAG", tag)));

            assertThat(answer.status()).isEqualTo(304);
            assertThat(answer.body().remaining()).isZero();
            assertThat(answer.header("ETag")).isEqualTo(tag);
            assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
        }

        @Test
        void thatChangedAreSent() {
            assertThat(pages.answer(get("/style.css", "If-None-Match", "\"other\"")).status())
                    .isEqualTo(200);
            assertThat(pages.answer(get("/nothing", "If-None-Match", "*")).status()).isEqualTo(404);
        }

        @Test
        void headSaysWhatGetWould() {
            HttpAnswer get = pages.answer(get("/style.css"));
            HttpAnswer head = pages.answer(request("HEAD", "/style.css", "Host", "localhost:8080"));

            assertThat(head.status()).isEqualTo(200);
            assertThat(head.headers()).isEqualTo(get.headers());
            assertThat(head.body().remaining()).isZero();
        }

        @Test
        void comeOutOfAJarToo(@TempDir Path folder) throws IOException {
            Path jar = folder.resolve("pages.jar");
            try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
                out.putNextEntry(new JarEntry("META-INF/switchboard/pages/"));
                out.putNextEntry(new JarEntry("META-INF/switchboard/pages/deep/"));
                out.putNextEntry(new JarEntry("META-INF/switchboard/pages/deep/page.txt"));
                out.write("from a jar".getBytes(StandardCharsets.US_ASCII));
            }
            try (var loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
                HttpPages inJar = new HttpPages(CHECK, false, false, Set.of(), loader);

                assertThat(text(inJar.answer(get("/deep/page.txt")))).isEqualTo("from a jar");
                assertThat(inJar.answer(get("/deep")).status()).isEqualTo(404);
                assertThat(inJar.answer(get("/deep/")).status()).isEqualTo(404);
                assertThat(inJar.answer(get("/style.css")).status()).isEqualTo(404);
            }
        }
    }

    @Nested
    final class OtherPaths {
        @ParameterizedTest
        @CsvSource({
            "/folder/inner, /folder/inner/",
            "/folder/inner?room=a&b, /folder/inner/?room=a&b"
        })
        void aFolderGetsItsSlash(String target, String location) {
            HttpAnswer answer = pages.answer(get(target));

            assertThat(answer.status()).isEqualTo(308);
            assertThat(answer.header("Location")).isEqualTo(location);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/nothing",
                    "/folder",
                    "/folder/",
                    "/vendor",
                    "/LICENSE/",
                    "/style.css/",
                    "/../outside.txt",
                    "/folder/../../outside.txt",
                    "/folder/../style.css",
                    "/./style.css",
                    "/%2e%2e/outside.txt",
                    "/..%2foutside.txt",
                    "/..%5coutside.txt",
                    "/..\\outside.txt",
                    "/folder%2finner/",
                    "/style.css%00",
                    "/st%79le.css",
                    "/.hidden",
                    "//style.css",
                    "//evil.example/",
                    "//folder/inner",
                    "/folder//inner/",
                    "/style.css;a",
                    "/META-INF/MANIFEST.MF",
                    "/STYLE.CSS"
                })
        void leadNowhere(String path) {
            HttpAnswer answer = pages.answer(get(path));

            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            assertThat(text(answer)).isEqualTo("there is no such page\n");
        }

        @ParameterizedTest
        @ValueSource(strings = {"/a\u0000b", "/a b", "/\r\nX: y", "/ü", "/a\u007f"})
        void mustBeVisibleCharacters(String path) {
            assertThat(pages.answer(get(path)).status()).isEqualTo(400);
        }

        @Test
        void healthIsOk() {
            HttpAnswer answer = pages.answer(get("/health"));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
            assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
            assertThat(text(answer)).isEqualTo("{\"status\":\"ok\"}\n");
        }

        /// RFC 9110 section 15.5.22: with what it is to be upgraded to.
        @Test
        void webSocketsAreToBeUpgradedTo() {
            for (String path : List.of("/ws", "/echo", "/echo?x=1")) {
                HttpAnswer answer = pages.answer(get(path));

                assertThat(answer.status()).isEqualTo(426);
                assertThat(answer.header("Upgrade")).isEqualTo("websocket");
                assertThat(answer.header("Connection")).isEqualTo("Upgrade");
                assertThat(answer.header("Sec-WebSocket-Version")).isEqualTo("13");
            }
        }

        @Test
        void aServerWithoutPagesHasItsHealthStill() {
            HttpPages none = new HttpPages(CHECK, false, false, Set.of(), new ClassLoader(null) {});

            assertThat(none.answer(get("/")).status()).isEqualTo(404);
            assertThat(none.answer(get("/health")).status()).isEqualTo(200);
        }
    }

    @Nested
    final class OtherRequests {
        @Test
        void onlyOptionsIsForTheWholeServer() {
            HttpAnswer options = pages.answer(request("OPTIONS", "*", "Host", "localhost:8080"));
            HttpAnswer get = pages.answer(request("GET", "*", "Host", "localhost:8080"));

            assertThat(options.status()).isEqualTo(405);
            assertThat(options.header("Allow")).isEqualTo("GET, HEAD");
            assertThat(get.status()).isEqualTo(400);
        }

        @ParameterizedTest
        @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "get"})
        void canOnlyGet(String method) {
            HttpAnswer answer = pages.answer(request(method, "/", "Host", "localhost:8080"));

            assertThat(answer.status()).isEqualTo(405);
            assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
        }

        @Test
        void needAHostThatIsOurs() {
            assertThat(pages.answer(request("GET", "/", "Host", "evil.example")).status())
                    .isEqualTo(403);
            assertThat(pages.answer(request("GET", "/health", "Host", "evil.example")).status())
                    .isEqualTo(403);
            assertThat(pages.answer(request("GET", "/")).status()).isEqualTo(400);
        }
    }

    @Nested
    final class EveryAnswer {
        @ParameterizedTest
        @ValueSource(strings = {"/", "/nothing", "/folder/inner", "/ws", "/health", "/a b"})
        void tellsTheBrowserToTrustNothingElse(String path) {
            HttpAnswer answer = pages.answer(get(path));

            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
            assertThat(answer.header("Content-Security-Policy").split("; "))
                    .containsExactly(
                            "default-src 'self'",
                            "connect-src 'self' ws://localhost:8080 wss://localhost:8080",
                            "base-uri 'none'",
                            "form-action 'self'",
                            "frame-ancestors 'none'",
                            "object-src 'none'");
            assertThat(answer.header("Strict-Transport-Security")).isEmpty();
        }

        @Test
        void hasEachHeaderOnce() {
            for (String path : List.of("/", "/nothing", "/folder/inner", "/ws", "/health")) {
                assertThat(pages.answer(get(path)).headers().stream().map(Map.Entry::getKey))
                        .as(path)
                        .doesNotHaveDuplicates();
            }
        }

        @Test
        void saysWssOverTls() {
            HttpPages tls =
                    new HttpPages(
                            CHECK, true, false, Set.of(), HttpPagesTest.class.getClassLoader());

            assertThat(tls.answer(get("/")).header("Content-Security-Policy"))
                    .contains("connect-src 'self' wss://localhost:8080;");
        }

        /// What comes out of Host goes into the policy, so it must not end a directive.
        @Test
        void takesNothingElseOutOfHost() {
            HttpAnswer answer =
                    pages.answer(request("GET", "/", "Host", "localhost; script-src *"));

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.header("Content-Security-Policy"))
                    .contains("connect-src 'self'; ")
                    .doesNotContain("script-src");
        }

        @Test
        void bindsBrowsersToTlsWhereTheCertificateIsGood() {
            HttpPages strict =
                    new HttpPages(
                            CHECK, true, true, Set.of(), HttpPagesTest.class.getClassLoader());

            assertThat(strict.answer(get("/")).header("Strict-Transport-Security"))
                    .isEqualTo("max-age=31536000");
        }
    }

    private static String text(HttpAnswer answer) {
        return StandardCharsets.UTF_8.decode(answer.body()).toString();
    }
}
