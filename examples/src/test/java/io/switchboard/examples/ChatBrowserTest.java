package io.switchboard.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.server.ListenerOptions;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// The chat as people use it: two Chromiums with profiles of their own, over wss. Anna comes
/// through a forwarder that can be cut, Ben straight to the server.
@Tag("system")
final class ChatBrowserTest {
    private static final String ENTER = "\uE007";

    private static SwitchboardServer server;
    private static Chromedriver driver;

    @TempDir private Path profiles;
    private Forwarder forwarder;
    private Browser anna;
    private Browser ben;
    private String room;
    private long http2WebSocketsBefore;

    @BeforeAll
    static void start(@TempDir Path data) throws Exception {
        server =
                SwitchboardServer.start(
                        ServerOptions.DEFAULT
                                .withListeners(ListenerOptions.FREE)
                                .withShards(2)
                                .withFiles(data));
        driver = Chromedriver.start();
    }

    @AfterAll
    static void stop() {
        driver.close();
        server.close();
    }

    @BeforeEach
    void bothComeIn(TestInfo test) throws IOException {
        int port = port("tls");
        http2WebSocketsBefore = server.readings().http2WebSockets();
        // A room for each test: nothing of another is heard in it.
        room = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        forwarder = new Forwarder(port);
        anna = Browser.open(driver, profiles.resolve("anna"));
        ben = Browser.open(driver, profiles.resolve("ben"));
        comeIn(anna, "Anna", "https://127.0.0.1:" + forwarder.port());
        comeIn(ben, "Ben", "https://127.0.0.1:" + port);
    }

    @AfterEach
    void bothLeave() throws IOException {
        anna.close();
        ben.close();
        forwarder.close();
    }

    /// A browser opens WebSockets on the HTTP/2 connection over which the page came (RFC 8441).
    @Test
    void theMessagesTravelOnStreamsOfHttp2() {
        say(anna, "over HTTP/2");
        awaitMessage(ben, "over HTTP/2");

        assertThat(server.readings().http2WebSockets() - http2WebSocketsBefore).isEqualTo(2);
    }

    @Test
    void bothSeeTheSameMessagesInTheSameOrderAndOnce() {
        say(anna, "Hello Ben");
        awaitMessage(ben, "Hello Ben");
        say(ben, "Hello Anna");
        awaitMessage(anna, "Hello Anna");
        // Both at a time: whatever the order is, it is the same for both.
        for (int i = 0; i < 10; i++) {
            say(anna, "from Anna " + i);
            say(ben, "from Ben " + i);
        }
        awaitSettled(anna, 22);
        awaitSettled(ben, 22);

        assertThat(conversation(anna))
                .isEqualTo(conversation(ben))
                .startsWith("Hello Ben|Hello Anna|");
        assertThat(conversation(anna).split("\\|")).doesNotHaveDuplicates().hasSize(22);
        assertThat(anna.ask("document.querySelectorAll('.message.mine').length")).isEqualTo("11");
        assertThat(ben.ask("document.querySelector('.message:not(.mine) .author').textContent"))
                .isEqualTo("Anna");
    }

    @Test
    void aTypingMarkAppearsAtTheOtherAndGoes() {
        ben.type("#text", "I am about to");

        anna.await("document.getElementById('typists').textContent.includes('Ben')");
        assertThat(ben.ask("document.getElementById('typists').textContent")).isEmpty();
        anna.await("document.getElementById('typists').textContent === ''");
    }

    @Test
    void whatIsTypedWhileCutOffArrivesOnceAfterwards() {
        say(anna, "before");
        awaitMessage(ben, "before");

        forwarder.cut();
        awaitLight(anna, "offline");
        assertThat(anna.ask("document.getElementById('light').innerText.trim()"))
                .isEqualTo("Offline");
        say(anna, "kept one");
        say(anna, "kept two");
        say(ben, "Anna?");
        awaitMessage(ben, "Anna?");
        assertThat(anna.ask("document.querySelectorAll('.message.pending').length")).isEqualTo("2");
        assertThat(conversation(ben)).isEqualTo("before|Anna?");

        forwarder.mend();
        awaitLight(anna, "online");
        awaitMessage(ben, "kept two");
        say(ben, "welcome back");
        awaitMessage(anna, "welcome back");
        say(anna, "thank you");
        awaitMessage(ben, "thank you");

        assertThat(conversation(ben))
                .isEqualTo("before|Anna?|kept one|kept two|welcome back|thank you");
        awaitSettled(anna, 5);
        assertThat(conversation(anna)).isEqualTo("before|kept one|kept two|welcome back|thank you");
        assertThat(anna.ask("document.querySelectorAll('.gap.back').length")).isEqualTo("1");
    }

    @Test
    void whatReachedTheBrokerBeforeTheCutButNotItsAuthorIsShownOnce() {
        say(anna, "before");
        awaitMessage(ben, "before");

        forwarder.holdAnswers();
        say(anna, "one");
        say(anna, "two");
        awaitMessage(ben, "two");
        assertThat(anna.ask("document.querySelectorAll('.message.pending').length")).isEqualTo("2");
        cutAndMend();
        awaitSettled(anna, 3);
        say(anna, "after");
        awaitMessage(ben, "after");
        awaitMessage(anna, "after");

        assertThat(conversation(anna)).isEqualTo("before|one|two|after");
        assertThat(conversation(ben)).isEqualTo("before|one|two|after");
    }

    @Test
    void whatWasLostOnItsWayToTheBrokerIsSentAgain() {
        say(anna, "before");
        awaitMessage(anna, "before");

        forwarder.holdRequests();
        say(anna, "one");
        say(anna, "two");
        assertThat(anna.ask("document.querySelectorAll('.message.pending').length")).isEqualTo("2");
        assertThat(anna.ask("document.getElementById('light').dataset.state")).isEqualTo("online");
        cutAndMend();
        awaitMessage(ben, "two");
        awaitSettled(anna, 3);

        assertThat(conversation(anna)).isEqualTo("before|one|two");
        assertThat(conversation(ben)).isEqualTo("before|one|two");
    }

    @Test
    void markupAndScriptsAreShownAsText() {
        String hostile = "<img src=x onerror=\"document.title='owned'\"><b>bold</b> &amp;";
        say(ben, hostile);
        say(ben, "Zwölf Boxkämpfer ☎ مرحبا 你好");
        awaitMessage(anna, "Zwölf Boxkämpfer ☎ مرحبا 你好");

        assertThat(anna.ask("document.querySelector('.bubble').textContent")).isEqualTo(hostile);
        assertThat(anna.ask("document.querySelectorAll('.bubble *').length")).isEqualTo("0");
        assertThat(anna.ask("document.title")).startsWith("#" + room);
    }

    @Test
    void thePageTalksToTheServerItCameFromWithoutTlsToo() {
        ben.go("http://127.0.0.1:" + port("http"));
        ben.click("a[href='/examples/chat/']");
        ben.await("document.getElementById('name-dialog')?.open");
        ben.go(ben.ask("location.href") + "#" + room);
        ben.type("#name", "Ben" + ENTER);
        awaitLight(ben, "online");
        say(ben, "over ws");
        awaitMessage(anna, "over ws");
        say(anna, "over wss");
        awaitMessage(ben, "over wss");

        assertThat(conversation(ben)).isEqualTo("over ws|over wss");
    }

    @Test
    void aPhoneOfTheSmallestWidthNeedsNoSidewaysScrolling() {
        anna.resize(320, 568);
        say(ben, "Donaudampfschifffahrtsgesellschaftskapitän".repeat(5));
        say(ben, "and short");
        awaitMessage(anna, "and short");
        say(anna, "from the phone");
        awaitMessage(ben, "from the phone");

        assertThat(anna.ask("innerWidth")).isEqualTo("320");
        assertThat(anna.ask("document.documentElement.scrollWidth")).isEqualTo("320");
        assertThat(
                        anna.ask(
                                "[...document.querySelectorAll('header > *, .bubble, #composer >"
                                    + " *')].every(it => it.getBoundingClientRect().right <= 320)"))
                .isEqualTo("true");
        assertThat(anna.ask("scroller.scrollWidth <= scroller.clientWidth")).isEqualTo("true");
    }

    private static int port(String listener) {
        return server.listeners().stream()
                .filter(it -> it.name().equals(listener))
                .findFirst()
                .orElseThrow()
                .address()
                .getPort();
    }

    private void comeIn(Browser browser, String name, String origin) {
        browser.go(origin + "/examples/chat/#" + room);
        browser.await("document.getElementById('name-dialog').open");
        browser.type("#name", name + ENTER);
        awaitLight(browser, "online");
    }

    private void cutAndMend() {
        forwarder.cut();
        awaitLight(anna, "offline");
        forwarder.mend();
        awaitLight(anna, "online");
    }

    private static void say(Browser browser, String text) {
        browser.type("#text", text + ENTER);
    }

    private static void awaitLight(Browser browser, String state) {
        browser.await("document.getElementById('light').dataset.state === '" + state + "'");
    }

    private static void awaitMessage(Browser browser, String text) {
        browser.await(
                "[...document.querySelectorAll('.message:not(.pending) .bubble')]"
                        + ".some(it => it.textContent === '"
                        + text
                        + "')");
    }

    private static void awaitSettled(Browser browser, int count) {
        browser.await(
                "document.querySelectorAll('.message:not(.pending)').length === "
                        + count
                        + " && document.querySelectorAll('.pending').length === 0");
    }

    /// What stands in the room, in its order.
    private static String conversation(Browser browser) {
        return browser.ask(
                "[...document.querySelectorAll('ol:not([hidden]) > .message:not(.pending)"
                        + " .bubble')].map(it => it.textContent).join('|')");
    }
}
