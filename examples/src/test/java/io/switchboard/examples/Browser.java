package io.switchboard.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Pattern;

/// A Chromium with a profile of its own, driven over W3C WebDriver: just the commands that the
/// tests need.
///
/// What a page answers is percent-encoded by the script that asks, so that no JSON has to be read
/// here: a string in the answer has no escapes then.
final class Browser implements AutoCloseable {
    private static final String FLAGS =
            "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
                    + " --disable-background-networking --disable-component-update --disable-sync"
                    + " --window-size=1200,800";
    private static final Pattern SESSION = Pattern.compile("\"sessionId\":\"([^\"]+)\"");
    private static final Pattern ELEMENT = Pattern.compile("\"element-[^\"]+\":\"([^\"]+)\"");
    private static final Pattern TEXT = Pattern.compile("^\\{\"value\":\"([^\"]*+)\"\\}$");

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI session;

    private Browser(URI driver, String id) {
        session = driver.resolve("/session/" + id + "/");
    }

    static Browser open(Chromedriver driver, Path profile) {
        var arguments = new StringBuilder(json("--user-data-dir=" + profile));
        for (String flag : FLAGS.split(" ")) {
            arguments.append(',').append(json(flag));
        }
        // The certificate is the server's own, made for development.
        String wish =
                """
                {"capabilities":{"alwaysMatch":{"acceptInsecureCerts":true,
                 "timeouts":{"script":30000},
                 "goog:chromeOptions":{"binary":%s,"args":[%s]}}}}
                """
                        .formatted(json(Chromedriver.CHROMIUM), arguments);
        try (var http = HttpClient.newHttpClient()) {
            String answer = call(http, "POST", driver.address().resolve("/session"), wish);
            return new Browser(driver.address(), find(SESSION, answer));
        }
    }

    void go(String address) {
        command("url", "{\"url\":%s}".formatted(json(address)));
    }

    /// The value of a JavaScript expression in the page, as a string.
    String ask(String expression) {
        return run("execute/sync", "return encodeURIComponent(String(" + expression + "));");
    }

    /// Returns when a JavaScript expression is true in the page; fails after half a minute.
    void await(String condition) {
        String script =
                """
                const done = arguments[arguments.length - 1];
                (function check() {
                    if (%s) done("met"); else setTimeout(check, 20);
                })();
                """;
        try {
            run("execute/async", script.formatted(condition));
        } catch (AssertionError e) {
            String page = ask("document.body.innerText");
            throw new AssertionError("waited in vain for " + condition + " on\n" + page, e);
        }
    }

    /// Types with real key strokes (of the Basic Multilingual Plane: chromedriver has no others).
    void type(String selector, String keys) {
        command("element/" + element(selector) + "/value", "{\"text\":%s}".formatted(json(keys)));
    }

    void click(String selector) {
        command("element/" + element(selector) + "/click", "{}");
    }

    /// Makes the page as wide and high as a phone's.
    void resize(int width, int height) {
        cdp(
                "Emulation.setDeviceMetricsOverride",
                "{\"width\":%d,\"height\":%d,\"deviceScaleFactor\":1,\"mobile\":true}"
                        .formatted(width, height));
    }

    void cdp(String name, String parameters) {
        command("goog/cdp/execute", "{\"cmd\":%s,\"params\":%s}".formatted(json(name), parameters));
    }

    byte[] screenshot() {
        String answer = call(http, "GET", session.resolve("screenshot"), "");
        return Base64.getDecoder().decode(find(TEXT, answer));
    }

    @Override
    public void close() {
        call(http, "DELETE", URI.create(session.toString().replaceAll("/$", "")), "");
        http.close();
    }

    private String element(String selector) {
        String wish = "{\"using\":\"css selector\",\"value\":%s}".formatted(json(selector));
        return find(ELEMENT, command("element", wish));
    }

    private String run(String how, String script) {
        String answer = command(how, "{\"script\":%s,\"args\":[]}".formatted(json(script)));
        return URLDecoder.decode(find(TEXT, answer), UTF_8);
    }

    private String command(String path, String body) {
        return call(http, "POST", session.resolve(path), body);
    }

    private static String call(HttpClient http, String method, URI address, String body) {
        var request =
                HttpRequest.newBuilder(address)
                        .header("content-type", "application/json")
                        .method(method, BodyPublishers.ofString(body))
                        .build();
        try {
            var response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new AssertionError(
                        "%s %s\nanswered %s".formatted(address.getPath(), body, response.body()));
            }
            return response.body();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(method + " " + address + " failed", e);
        }
    }

    private static String find(Pattern pattern, String answer) {
        var matcher = pattern.matcher(answer);
        if (!matcher.find()) {
            throw new AssertionError("expected " + pattern + " but was " + answer);
        }
        return matcher.group(1);
    }

    private static String json(String text) {
        var out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            boolean plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
            out.append(plain ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return out.append('"').toString();
    }
}
