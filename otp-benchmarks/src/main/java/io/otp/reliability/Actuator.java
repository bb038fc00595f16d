package io.otp.reliability;

import io.otp.benchmarks.Hotel;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.server.NoArgs;
import io.otp.supervisor.DynamicSupervisor;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A million idle servers, listed, paged through and sorted by Actuator over HTTP: each is listed
 * once, each ranking is one, and each request is answered.
 */
public final class Actuator {

  private static final int ROUNDS = 10;
  private static final int LIMIT = 1_000;

  private final Run run;
  private final int servers;
  private final HttpClient http = HttpClient.newHttpClient();
  private final JsonMapper json = new JsonMapper();
  private final String base;

  private Actuator(Run run, int servers, int port) {
    this.run = run;
    this.servers = servers;
    this.base = "http://127.0.0.1:" + port + "/actuator/";
  }

  /** See {@link Run}. */
  public static void main(String[] arguments) throws Exception {
    var run = new Run("actuator", arguments);
    int servers = run.size(1_000_000, 100_000);
    try (ConfigurableApplicationContext context = Hotel.application(servers).run()) {
      int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
      new Actuator(run, servers, port).run(context.getBean(ProcessRuntime.class));
    }
    run.end();
  }

  private void run(ProcessRuntime runtime) throws Exception {
    DynamicSupervisor<NoArgs, Object> rooms = DynamicSupervisor.of(runtime, "room");
    long start = System.nanoTime();
    var random = new Random(run.seed);
    for (int i = 0; i < servers; i++) {
      Pid pid = rooms.startChild(NoArgs.NO_ARGS).whereis().orElseThrow();
      if (random.nextInt(servers) < 3 * LIMIT) {
        for (int n = random.nextInt(50); n > 0; n--) {
          runtime.send(pid, "work"); // so that there is something to rank
        }
      }
    }
    run.print(
        "%,d servers started one after the other in %.1f s",
        servers, (System.nanoTime() - start) / 1e9);
    run.print("%-44s %10s %10s %10s", "request", "median ms", "worst ms", "KB");
    JsonNode node = measure("otp", false);
    int count = node.get("processes").get("count").asInt();
    run.check(count >= servers, "otp tells of " + count + " processes");
    measure("otpprocesses", false);
    measure("otpprocesses?limit=1000&cursor=" + servers / 2, false);
    measure("otpprocesses?behaviour=supervisor", false);
    ranked("mailbox");
    ranked("reductions");
    ranked("age");
    measure("otpsupervisors", false);
    measure("otpprocesses/" + pageThrough(), false);
    check(measure("health", false));
  }

  private void check(JsonNode health) {
    run.check(health.get("status").asString().equals("UP"), "health: " + health);
  }

  /** The application's servers, page by page; returns the pid of one. */
  private String pageThrough() throws Exception {
    Set<String> pids = new HashSet<>(servers * 2);
    int pages = 0;
    int listed = 0;
    double worst = 0;
    String cursor = "0";
    String last = "";
    long start = System.nanoTime();
    while (true) {
      long before = System.nanoTime();
      JsonNode page = get("otpprocesses?behaviour=Hotel$Room&limit=" + LIMIT + "&cursor=" + cursor);
      worst = Math.max(worst, (System.nanoTime() - before) / 1e6);
      pages++;
      for (JsonNode process : page.get("processes")) {
        last = process.get("pid").asString();
        pids.add(last);
        listed++;
      }
      JsonNode next = page.get("next");
      if (next.isNull()) {
        break;
      }
      cursor = next.asString();
    }
    run.print(
        "paged through: %,d servers in %,d pages and %.1f s, worst page %.1f ms",
        listed, pages, (System.nanoTime() - start) / 1e9, worst);
    run.check(listed == servers, listed + " servers are listed of " + servers);
    run.check(pids.size() == listed, listed - pids.size() + " servers are listed twice");
    return last.substring(1, last.length() - 1);
  }

  private void ranked(String sort) throws Exception {
    JsonNode ranking = measure("otpprocesses?limit=1000&sort=" + sort, true);
    List<JsonNode> processes = new ArrayList<>();
    ranking.get("processes").forEach(processes::add);
    run.check(processes.size() == LIMIT, processes.size() + " processes are ranked by " + sort);
    for (int i = 1; i < processes.size(); i++) {
      JsonNode before = processes.get(i - 1);
      JsonNode after = processes.get(i);
      boolean inOrder =
          sort.equals("age")
              ? !started(before).isAfter(started(after))
              : before.get(sort).asLong() >= after.get(sort).asLong();
      if (!inOrder) {
        run.broken("the ranking by " + sort + " is none at " + i);
        return;
      }
    }
    run.check(
        !sort.equals("reductions") || processes.getFirst().get(sort).asLong() > 1,
        "the ranking by reductions begins with " + processes.getFirst());
  }

  private static Instant started(JsonNode process) {
    return Instant.parse(process.get("startedAt").asString());
  }

  /**
   * @param fresh whether to wait until what was ranked before, which is good for a second, is not
   */
  private JsonNode measure(String path, boolean fresh) throws Exception {
    JsonNode last = get(path);
    var nanos = new long[ROUNDS];
    int length = 0;
    for (int i = 0; i < ROUNDS; i++) {
      if (fresh) {
        Thread.sleep(1_100);
      }
      long before = System.nanoTime();
      byte[] body = fetch(path);
      nanos[i] = System.nanoTime() - before;
      length = body.length;
      last = json.readTree(body);
    }
    Arrays.sort(nanos);
    run.print(
        "%-44s %10.1f %10.1f %10.1f",
        path, nanos[ROUNDS / 2] / 1e6, nanos[ROUNDS - 1] / 1e6, length / 1024.0);
    return last;
  }

  private JsonNode get(String path) throws Exception {
    return json.readTree(fetch(path));
  }

  private byte[] fetch(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofMinutes(1)).build();
    HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw new IllegalStateException(
          path
              + " is answered with "
              + response.statusCode()
              + ": "
              + new String(response.body(), java.nio.charset.StandardCharsets.UTF_8));
    }
    return response.body();
  }
}
