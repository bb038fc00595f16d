package io.otp.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.Pid;
import io.otp.process.Self;
import io.otp.store.Codec;
import io.otp.store.Dets;
import io.otp.store.DetsSpec;
import io.otp.store.Mnesia;
import io.otp.store.MnesiaSpec;
import io.otp.table.Component;
import io.otp.table.EtsTable;
import io.otp.table.TableAccess;
import io.otp.table.TableSpec;
import io.otp.table.Tables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.ParameterizedTypeReference;

class OtpTablesEndpointTests {

  record User(String name, String city) {}

  private static final Component<User, String> CITY = Component.of("city", User::city);

  @TempDir private static Path folder;
  private static TestApplication app;
  private static EtsTable<Integer, User> users;
  private static Pid owner;

  @BeforeAll
  static void start() throws Exception {
    app = TestApplication.reactive();
    owner =
        inProcess(
            self -> {
              users =
                  Tables.create(
                      self,
                      TableSpec.orderedSet("users", Integer.class, User.class)
                          .withName()
                          .withIndex(CITY));
              for (int i = 0; i < 250; i++) {
                users.insert(i, new User("user" + i, "Oslo"));
              }
              Tables.create(
                      self,
                      TableSpec.bag("secrets", String.class, String.class)
                          .withAccess(TableAccess.PRIVATE))
                  .insert("a", "b");
              Dets.open(
                      self,
                      DetsSpec.set(
                          "scores", folder.resolve("scores"), Codec.ofString(), Codec.ofLong()))
                  .insert("joe", 7L);
            });
    var accounts = MnesiaSpec.set("accounts", Codec.ofString(), Codec.ofLong());
    Mnesia.start(app.runtime(), accounts)
        .transaction(
            tx -> {
              tx.write(accounts, "joe", 100L);
              return true;
            });
  }

  private static Pid inProcess(Consumer<Self<Object>> body) throws Exception {
    var done = new CompletableFuture<Boolean>();
    Pid pid =
        app.runtime()
            .spawn(
                self -> {
                  try {
                    body.accept(self);
                    done.complete(true);
                  } catch (Throwable t) {
                    done.completeExceptionally(t);
                  }
                  self.receive();
                });
    done.get(30, TimeUnit.SECONDS);
    return pid;
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  record Page(List<Map<String, Object>> rows, String next) {}

  static Page rows(TestApplication app, String id, String query) {
    Page page =
        app.client
            .get()
            .uri("/otptables/" + id + "/rows" + query)
            .exchange()
            .expectStatus()
            .isOk()
            .expectBody(new ParameterizedTypeReference<Page>() {})
            .returnResult()
            .getResponseBody();
    assertThat(page).isNotNull();
    return page;
  }

  private static String id() {
    return "ets:" + users.id();
  }

  @Test
  void tablesOfAllKindsAreListed() {
    app.get("/otptables")
        .jsonPath("$.total")
        .isEqualTo(5) // the copy in memory of accounts too
        .jsonPath("$.tables[0].id")
        .isEqualTo(id())
        .jsonPath("$.tables[0].kind")
        .isEqualTo("ets")
        .jsonPath("$.tables[0].name")
        .isEqualTo("users")
        .jsonPath("$.tables[0].named")
        .isEqualTo(true)
        .jsonPath("$.tables[0].type")
        .isEqualTo("ordered_set")
        .jsonPath("$.tables[0].size")
        .isEqualTo(250)
        .jsonPath("$.tables[0].memory")
        .isNumber()
        .jsonPath("$.tables[0].fileSize")
        .isEmpty()
        .jsonPath("$.tables[0].owner")
        .isEqualTo(owner.toString())
        .jsonPath("$.tables[0].access")
        .isEqualTo("protected");
    app.get("/otptables?kind=dets")
        .jsonPath("$.total")
        .isEqualTo(1)
        .jsonPath("$.tables[0].id")
        .isEqualTo("dets:scores")
        .jsonPath("$.tables[0].fileSize")
        .isNumber()
        .jsonPath("$.tables[0].owner")
        .isEmpty();
    app.get("/otptables?kind=mnesia&limit=1")
        .jsonPath("$.tables[0].id")
        .isEqualTo("mnesia:accounts")
        .jsonPath("$.tables[0].size")
        .isEqualTo(1);
  }

  @Test
  void aTableHasItsSchema() {
    app.get("/otptables/" + id())
        .jsonPath("$.table.name")
        .isEqualTo("users")
        .jsonPath("$.key")
        .isEqualTo("java.lang.Integer")
        .jsonPath("$.value")
        .isEqualTo(User.class.getTypeName())
        .jsonPath("$.indexes[0]")
        .isEqualTo("city")
        .jsonPath("$.fixed")
        .isEqualTo(false)
        .jsonPath("$.heir")
        .isEmpty();
    app.get("/otptables/dets:scores")
        .jsonPath("$.key")
        .isEqualTo("string")
        .jsonPath("$.file")
        .isEqualTo(folder.resolve("scores").toString())
        .jsonPath("$.users[0]")
        .isEqualTo(owner.toString());
    app.get("/otptables/mnesia:accounts").jsonPath("$.copies").isEqualTo("ram_copies");
  }

  @Test
  void pagesHaveEveryRowOnceAndMasked() {
    var seen = new ArrayList<Map<String, Object>>();
    String cursor = "";
    int pages = 0;
    while (cursor != null) {
      Page page = rows(app, id(), "?limit=60&cursor=" + cursor);
      seen.addAll(page.rows());
      cursor = page.next();
      pages++;
    }
    assertThat(pages).isEqualTo(5);
    assertThat(seen)
        .hasSize(250)
        .allSatisfy(row -> assertThat(row).isEqualTo(Map.of("key", "******", "value", "******")));
    assertThat(rows(app, "dets:scores", "").rows()).hasSize(1);
    assertThat(rows(app, "mnesia:accounts", "").rows()).hasSize(1);
  }

  @Test
  void refusalsSayWhatIsAllowed() {
    assertThat(app.refusal("/otptables/ets:999", 404))
        .contains(
            "There is no table ets:999; it has ended, or this is not an id of the list, such as"
                + " ets:7 or dets:users");
    assertThat(app.refusal("/otptables/" + id() + "/columns", 404))
        .contains("There is no columns of a table; ask for otptables/" + id() + "/rows");
    assertThat(app.refusal("/otptables/" + id() + "/rows?cursor=x", 400))
        .contains("cursor=x is not allowed; it must be the 'next' of a page of table " + id());
    assertThat(app.refusal("/otptables/" + id() + "/rows?limit=0", 400))
        .contains("limit=0 is not allowed; it must be a number from 1 to 1000");
    String secrets = "ets:" + (users.id() + 1);
    assertThat(app.refusal("/otptables/" + secrets + "/rows", 409))
        .contains("it is private and only its owner");
    app.post("/otptables/" + id(), Map.of("action", "delete")).expectStatus().isEqualTo(405);
  }

  @Test
  void onlyTheLatestCursorsAreKept() {
    String first = rows(app, id(), "?limit=1").next();
    for (int i = 0; i < TableCursors.MAX; i++) {
      rows(app, id(), "?limit=1");
    }
    assertThat(app.refusal("/otptables/" + id() + "/rows?cursor=" + first, 400))
        .contains("not be older than the latest 256");
  }
}
