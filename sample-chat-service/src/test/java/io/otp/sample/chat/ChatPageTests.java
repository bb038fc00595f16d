package io.otp.sample.chat;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Sys;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;

/** The page in a real browser. It leaves pictures in {@code target/page}. */
@ChatTest
class ChatPageTests {

  private static final String NO_BROWSER =
      "The page was not tested: there is no Chromium. Install it (Debian: apt-get install"
          + " chromium), or say where it is with the environment variable CHROMIUM.";
  private static final double PATIENCE_MILLIS = 60_000;

  private static Playwright playwright;
  private static Browser browser;

  @Value("${local.server.port}")
  int port;

  @Value("${local.management.port}")
  int managementPort;

  @Autowired ProcessRuntime runtime;

  private final String room = "room-" + UUID.randomUUID().toString().substring(0, 8);
  private final List<BrowserContext> contexts = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();

  @BeforeAll
  static void launch() {
    Optional<Path> chromium =
        Stream.of(
                System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium"),
                "/usr/bin/chromium-browser",
                "/usr/bin/google-chrome")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst();
    if (chromium.isEmpty() && System.getProperty("ci") != null) {
      throw new AssertionError(NO_BROWSER);
    }
    assumeTrue(chromium.isPresent(), NO_BROWSER);
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new LaunchOptions()
                    .setExecutablePath(chromium.get())
                    .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage"))
                    .setTimeout(2 * PATIENCE_MILLIS));
    PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
  }

  @AfterAll
  static void quit() {
    if (playwright != null) {
      playwright.close();
    }
  }

  @AfterEach
  void close() {
    contexts.forEach(BrowserContext::close);
  }

  @Test
  void twoPagesChatAndGoOnWhenTheirRoomIsKilled() {
    Page joe = enter("joe", desktop());
    Page robert = enter("robert", desktop().setColorScheme(ColorScheme.DARK));
    assertThat(joe.locator("#members li")).hasCount(2);
    assertThat(joe.locator(".note").last()).hasText("robert came in");

    say(joe, "Hello, Mike! <b>Is it working?</b>");
    assertThat(robert.locator(".message .bubble").last())
        .containsText("Hello, Mike! <b>Is it working?</b>");
    say(robert, "Seems to be.");
    assertThat(joe.locator(".message[data-seq='2']")).containsText("Seems to be.");

    killThroughActuator("room:" + room);
    say(robert, "And after the room was killed?");
    assertThat(joe.locator(".message[data-seq='3']"))
        .containsText("And after the room was killed?");
    say(joe, "Nobody noticed.");
    for (Page page : List.of(joe, robert)) {
      assertThat(page.locator(".message[data-seq='4']")).containsText("Nobody noticed.");
      assertThat(page.locator(".message.pending")).hasCount(0);
      assertThat(page.locator("#status")).hasAttribute("data-state", "on");
      assertThat(page.locator("#toast")).isHidden();
      assertThat(page.locator(".message")).hasCount(4);
      assertThat(page.locator("#members li")).hasCount(2);
    }
    assertThat(robert.locator(".note")).hasCount(1);
    picture(joe, "desktop-light");
    picture(robert, "desktop-dark");
    assertThat(errors).isEmpty();
  }

  @Test
  void showsDirectMessagesToTwo() {
    Page joe = enter("joe", desktop());
    Page robert = enter("robert", phone());
    Page mike = enter("mike", desktop());
    joe.locator("#members button", new Page.LocatorOptions().setHasText("robert")).click();
    assertThat(joe.locator("#to")).containsText("Only robert will see this");
    say(joe, "psst");
    assertThat(robert.locator(".message.direct")).containsText("psst");
    assertThat(joe.locator(".message.direct")).containsText("joe to robert");
    joe.locator("#toNobody").click();
    say(joe, "in public");
    assertThat(mike.locator(".message")).hasCount(1);
    assertThat(mike.locator(".message")).containsText("in public");
    assertThat(robert.locator(".message[data-seq='1']")).containsText("in public");
    picture(joe, "direct");
    picture(robert, "phone");
    robert.locator("#menu").click();
    assertThat(robert.locator("#members li")).hasCount(3);
    robert.waitForTimeout(300); // the drawer slides
    picture(robert, "phone-menu");
    assertThat(errors).isEmpty();
  }

  @Test
  void comesBackWhenItsSessionIsKilled() {
    Page joe = enter("joe", desktop());
    say(joe, "before");
    assertThat(joe.locator(".message[data-seq='1']")).containsText("before");
    runtime.exit(runtime.whereis(Session.nameOf(room, "joe")).orElseThrow(), ExitReason.KILL);
    assertThat(joe.locator("#toast")).isVisible();
    say(joe, "said while it was away");
    assertThat(joe.locator(".message[data-seq='2']")).containsText("said while it was away");
    assertThat(joe.locator("#status")).hasAttribute("data-state", "on");
    assertThat(joe.locator(".message")).hasCount(2);
  }

  @Test
  void saysAtTheDoorThatANameIsTaken() {
    enter("joe", desktop());
    Page second = open(phone());
    fillDoor(second, "joe");
    assertThat(second.locator("#doorProblem")).hasText("There is a joe in this room already.");
    picture(second, "door-phone");
    fillDoor(second, "robert");
    assertThat(second.locator("#status")).hasAttribute("data-state", "on");
  }

  @Test
  void showsWhatIsTooFastAndTooLong() {
    Page joe = enter("joe", desktop());
    joe.locator("#text").fill("x".repeat(4097));
    assertThat(joe.locator("#room-left")).hasText("1 bytes too long");
    assertThat(joe.locator("#send")).isDisabled();
    joe.locator("#text").fill("");
    for (int i = 0; i < 40; i++) {
      joe.evaluate("i => say('quick ' + i)", i);
    }
    assertThat(joe.locator("#toast")).containsText("At most 20 frames a second");
    assertThat(joe.locator(".message.pending")).hasCount(0);
  }

  @Test
  void canBeUsedWithTheKeyboardAlone() {
    Page joe = open(desktop());
    assertThat(joe.locator("#doorUser")).isFocused();
    joe.keyboard().type("joe");
    joe.keyboard().press("Enter");
    assertThat(joe.locator("#status")).hasAttribute("data-state", "on");
    assertThat(joe.locator("#text")).isFocused();
    joe.keyboard().type("one line");
    joe.keyboard().press("Shift+Enter");
    joe.keyboard().type("and another");
    joe.keyboard().press("Enter");
    assertThat(joe.locator(".message[data-seq='1']")).containsText("one line\nand another");

    enter("robert", desktop());
    Locator robert = joe.locator("#members button[data-name=robert]");
    robert.focus();
    enter("mike", desktop());
    assertThat(joe.locator("#members li")).hasCount(3);
    assertThat(robert).isFocused(); // although the list is another one now
    joe.keyboard().press("Enter");
    assertThat(joe.locator("#to")).containsText("Only robert");
    assertThat(joe.locator("#text")).isFocused();
    joe.keyboard().press("Escape");
    assertThat(joe.locator("#to")).isHidden();
    assertThat(errors).isEmpty();
  }

  @Test
  void onAPhoneTheListSlidesInAndHasTheFocus() {
    Page joe = enter("joe", phone());
    assertThat(joe.locator("#side")).isHidden();
    joe.locator("#menu").press("Enter");
    assertThat(joe.locator("#side")).isVisible();
    assertThat(joe.locator("#menu")).hasAttribute("aria-expanded", "true");
    assertThat(joe.locator("#rooms button").first()).isFocused();
    joe.keyboard().press("Escape");
    assertThat(joe.locator("#side")).isHidden();
    assertThat(joe.locator("#menu")).isFocused();
    Object overflow =
        joe.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
    assertThat(overflow).isEqualTo(false);
    assertThat(errors).isEmpty();
  }

  @Test
  void waitsForTheNameThatItsOwnLostConnectionStillHas() {
    Page joe = enter("joe", desktop());
    String held = Session.nameOf(room, "joe");
    Pid session = runtime.whereis(held).orElseThrow();
    // As if the network had been lost: the page is gone for the service only later.
    Sys.suspend(session);
    joe.evaluate("state.socket.close()");
    assertThat(joe.locator("#toast")).containsText("already");
    assertThat(joe.locator("#chat")).isVisible();
    Sys.resume(session);
    assertThat(joe.locator("#status")).hasAttribute("data-state", "on");
    assertThat(joe.locator("#chat")).isVisible();
  }

  @Test
  void changesRooms() {
    Page joe = enter("joe", desktop());
    say(joe, "here");
    assertThat(joe.locator(".message[data-seq='1']")).containsText("here");
    joe.locator("#newRoomName").fill(room + "-2");
    joe.locator("#newRoomName").press("Enter");
    assertThat(joe.locator("#title")).hasText("#" + room + "-2");
    assertThat(joe.locator(".message")).hasCount(0);
    assertThat(joe.locator("#rooms [aria-current=true]")).containsText(room + "-2");
    joe.locator("#rooms button", new Page.LocatorOptions().setHasText(room)).last().click();
    assertThat(joe.locator("#title")).containsText("#" + room);
    picture(open(desktop()), "door");
  }

  // --- steps

  private static Browser.NewContextOptions desktop() {
    return new Browser.NewContextOptions()
        .setViewportSize(1200, 760)
        .setColorScheme(ColorScheme.LIGHT);
  }

  private static Browser.NewContextOptions phone() {
    return new Browser.NewContextOptions().setViewportSize(390, 780).setDeviceScaleFactor(2);
  }

  private Page open(Browser.NewContextOptions options) {
    BrowserContext context = browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MILLIS);
    contexts.add(context);
    Page page = context.newPage();
    page.onPageError(errors::add);
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error")) {
            errors.add(message.text());
          }
        });
    String here = "http://127.0.0.1:" + port + "/";
    page.onRequest(
        request -> {
          if (!request.url().startsWith(here) && !request.url().startsWith("data:")) {
            errors.add("The page asks " + request.url());
          }
        });
    page.navigate(here + "#" + room);
    return page;
  }

  private Page enter(String user, Browser.NewContextOptions options) {
    Page page = open(options);
    fillDoor(page, user);
    assertThat(page.locator("#status")).hasAttribute("data-state", "on");
    return page;
  }

  private static void fillDoor(Page page, String user) {
    page.locator("#doorUser").fill(user);
    Locator come = page.locator("#door button");
    come.click();
  }

  private static void say(Page page, String text) {
    page.locator("#text").fill(text);
    page.locator("#text").press("Enter");
  }

  private void killThroughActuator(String name) {
    String processes = "http://127.0.0.1:" + managementPort + "/actuator/otpprocesses";
    String pid = runtime.whereis(name).orElseThrow().toString().replaceAll("[<>]", "");
    var request =
        HttpRequest.newBuilder(URI.create(processes + "/" + pid))
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"action\":\"kill\"}"))
            .build();
    HttpResponse<String> response =
        ChatClient.HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
  }

  private static void picture(Page page, String name) {
    page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "page", name + ".png")));
  }
}
