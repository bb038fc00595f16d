package io.otp.autoconfigure.actuate;

import static io.otp.autoconfigure.actuate.TestApplication.inUrl;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.otp.process.Pid;
import io.otp.process.Sys;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.core.ParameterizedTypeReference;

class OtpProcessesEndpointTests {

  private static TestApplication app;

  @BeforeAll
  static void start() {
    app = TestApplication.reactive();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  record Page(List<Map<String, Object>> processes, String next) {
    List<Object> pids() {
      return processes.stream().map(process -> process.get("pid")).toList();
    }
  }

  private static Page page(String query) {
    Page page =
        app.client
            .get()
            .uri("/otpprocesses" + query)
            .exchange()
            .expectStatus()
            .isOk()
            .expectBody(new ParameterizedTypeReference<Page>() {})
            .returnResult()
            .getResponseBody();
    assertThat(page).isNotNull();
    return page;
  }

  @Test
  void aLineHasTheDocumentedItemsAlsoWhereTheyAreEmpty() {
    app.till("till").call(new Till.Count());
    Page page = page("?name=till");
    assertThat(page.next()).isNull();
    assertThat(page.processes()).hasSize(1);
    Map<String, Object> line = page.processes().getFirst();
    assertThat(line.keySet())
        .containsExactly(
            "pid",
            "name",
            "label",
            "behaviour",
            "application",
            "status",
            "mailbox",
            "reductions",
            "links",
            "monitors",
            "startedAt");
    assertThat(line)
        .containsEntry("pid", app.pidOf("till").toString())
        .containsEntry("name", "till")
        .containsEntry("label", null)
        .containsEntry("behaviour", "Till")
        .containsEntry("application", "shop")
        .containsEntry("mailbox", 0)
        .containsEntry("links", 1)
        .containsEntry("monitors", 0);
    assertThat((int) line.get("reductions")).isPositive();
    assertThat(line.get("startedAt").toString()).endsWith("Z");
  }

  @Test
  void theCursorVisitsEachOfFiveThousandOnce() {
    List<Pid> expected = app.startIdle(5_000, "paging");
    var seen = new ArrayList<Object>();
    String cursor = "";
    int pages = 0;
    while (cursor != null) {
      Page page = page("?application=paging&limit=300&cursor=" + cursor);
      assertThat(page.processes().size()).isLessThanOrEqualTo(300);
      seen.addAll(page.pids());
      cursor = page.next();
      pages++;
    }
    assertThat(pages).isGreaterThanOrEqualTo(17);
    assertThat(seen).hasSize(5_000);
    assertThat(new HashSet<>(seen))
        .isEqualTo(new HashSet<>(expected.stream().map(Pid::toString).toList()));
  }

  @Test
  void filtersByBehaviourOfBothKindsAndByTheBeginningOfAName() {
    assertThat(page("?behaviour=Till").pids())
        .contains(app.pidOf("till").toString(), app.pidOf("safe").toString());
    assertThat(page("?behaviour=supervisor").pids())
        .containsExactlyInAnyOrder(app.pidOf("shop").toString(), app.pidOf("back").toString());
    assertThat(page("?behaviour=gen_server&name=til*").pids())
        .containsExactly(app.pidOf("till").toString());
    assertThat(page("?name=till&application=other").processes()).isEmpty();
    assertThat(page("?name=nobody").processes()).isEmpty();
  }

  @Test // 7.13
  void sortsByMailbox() {
    List<Pid> pids = app.startIdle(20, "sorting");
    for (int i = 0; i < 20; i++) {
      Sys.suspend(pids.get(i));
      for (int n = 0; n < i; n++) {
        app.runtime().send(pids.get(i), n);
      }
    }
    Page page = page("?application=sorting&sort=mailbox&limit=3");
    assertThat(page.pids())
        .containsExactly(pids.get(19).toString(), pids.get(18).toString(), pids.get(17).toString());
    assertThat(page.next()).isNull();
    assertThat(page.processes().getFirst())
        .containsEntry("mailbox", 19)
        .containsEntry("status", "suspended");
  }

  @Test // 7.13
  void sortsByReductions() {
    List<Pid> pids = app.startIdle(3, "busy");
    for (int n = 0; n < 50; n++) {
      app.runtime().send(pids.get(1), n);
    }
    await().until(() -> app.runtime().info(pids.get(1)).orElseThrow().summary().handled() == 50);
    assertThat(page("?application=busy&sort=reductions&limit=1").pids())
        .containsExactly(pids.get(1).toString());
  }

  @Test
  void sortsByAge() {
    Page page = page("?sort=age&limit=1000");
    List<String> started =
        page.processes().stream().map(p -> p.get("startedAt").toString()).toList();
    assertThat(started).hasSizeGreaterThan(3).isSorted();
  }

  @Test
  void saysWhatIsAllowed() {
    assertThat(app.refusal("/otpprocesses?sort=memory", 400))
        .contains("sort=memory is not allowed; it must be mailbox, reductions or age");
    for (String limit : List.of("0", "1001", "many", "-1")) {
      assertThat(app.refusal("/otpprocesses?limit=" + limit, 400))
          .contains("limit=" + limit + " is not allowed; it must be a number from 1 to 1000");
    }
    assertThat(app.refusal("/otpprocesses?cursor=x", 400))
        .contains("cursor=x is not allowed; it must be the 'next' of the page before");
    assertThat(app.refusal("/otpprocesses?cursor=1&sort=age", 400))
        .contains("a ranking has no pages");
  }

  @Test
  void showsAllThatIsKnownOfOne() {
    Pid till = app.pidOf("till");
    app.get("/otpprocesses/" + inUrl(till))
        .jsonPath("$.pid")
        .isEqualTo(till.toString())
        .jsonPath("$.otpBehaviour")
        .isEqualTo("gen_server")
        .jsonPath("$.links[0]")
        .isEqualTo(app.pidOf("shop").toString())
        .jsonPath("$.ancestors[0]")
        .isEqualTo(app.pidOf("shop").toString())
        .jsonPath("$.monitors")
        .isEmpty()
        .jsonPath("$.trapExits")
        .isEqualTo(false)
        .jsonPath("$.stack")
        .isEmpty()
        .jsonPath("$.state")
        .isEqualTo("******");
  }

  @Test
  void nobodyHasAPidThatIsNoPid() {
    assertThat(app.refusal("/otpprocesses/0.999999.0", 404))
        .contains("There is no process 0.999999.0");
    assertThat(app.refusal("/otpprocesses/till", 404)).contains("such as 0.12.0");
  }

  @Test
  void nothingMayBeDoneUnlessAccessIsUnrestricted() {
    app.post("/otpprocesses/" + inUrl(app.pidOf("safe")), Map.of("action", "kill"))
        .expectStatus()
        .isEqualTo(405);
    assertThat(app.runtime().isAlive(app.pidOf("safe"))).isTrue();
  }
}
