package io.otp.benchmarks;

import com.sun.management.ThreadMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.otp.autoconfigure.actuate.OtpEndpoint;
import io.otp.autoconfigure.actuate.OtpProcessesEndpoint;
import io.otp.autoconfigure.actuate.OtpSupervisorsEndpoint;
import io.otp.process.ProcessRuntime;
import io.otp.server.NoArgs;
import io.otp.supervisor.DynamicSupervisor;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.endpoint.jackson.EndpointJsonMapper;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a look at a node costs that has a million idle servers under one supervisor: time and bytes
 * allocated by each endpoint, JSON included, and by reading every meter.
 *
 * <p>{@code java -Xmx1g -cp … io.otp.benchmarks.ActuatorAtAMillion [servers]}
 */
public final class ActuatorAtAMillion {

  private static final int ROUNDS = 15;
  private static final long WARM_UP = TimeUnit.SECONDS.toNanos(5);

  private ActuatorAtAMillion() {}

  private interface Measured {
    void print(String what, Callable<?> operation) throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    int servers = arguments.length == 0 ? 1_000_000 : Integer.parseInt(arguments[0]);
    SpringApplication application = Hotel.application(servers);
    application.setWebApplicationType(WebApplicationType.NONE);
    try (ConfigurableApplicationContext context = application.run()) {
      measure(context, servers);
    }
  }

  private static void measure(ConfigurableApplicationContext context, int servers)
      throws Exception {
    var runtime = context.getBean(ProcessRuntime.class);
    DynamicSupervisor<NoArgs, Object> rooms = DynamicSupervisor.of(runtime, "room");
    long start = System.nanoTime();
    String last = "";
    for (int i = 0; i < servers; i++) {
      last = rooms.startChild(NoArgs.NO_ARGS).whereis().orElseThrow().toString();
    }
    System.out.printf(
        "%,d servers started one after the other in %.1f s%n%n",
        servers, (System.nanoTime() - start) / 1e9);
    String pid = last.substring(1, last.length() - 1);
    var processes = context.getBean(OtpProcessesEndpoint.class);
    var supervisors = context.getBean(OtpSupervisorsEndpoint.class);
    var node = context.getBean(OtpEndpoint.class);
    JsonMapper json = context.getBean(EndpointJsonMapper.class).get();
    Measured measured =
        (what, operation) -> print(what, () -> json.writeValueAsBytes(operation.call()).length);
    System.out.println("| request | median ms | worst ms | allocated KB | JSON KB |");
    System.out.println("|---|---|---|---|---|");
    measured.print("otp", node::node);
    measured.print("otpprocesses", () -> processes.processes(null, null, null, null, null, null));
    String middle = String.valueOf(servers / 2);
    measured.print(
        "otpprocesses?limit=1000&cursor=" + middle,
        () -> processes.processes(null, null, null, null, "1000", middle));
    measured.print(
        "otpprocesses?application=other (no match)",
        () -> processes.processes(null, null, "other", null, null, null));
    measured.print(
        "otpprocesses?name=room", () -> processes.processes("room", null, null, null, null, null));
    for (String sort : new String[] {"mailbox", "reductions", "age"}) {
      measured.print(
          "otpprocesses?sort=" + sort + " (new)",
          () -> {
            awaitStale();
            return processes.processes(null, null, null, sort, null, null);
          });
    }
    measured.print(
        "otpprocesses?sort=age (cached)",
        () -> processes.processes(null, null, null, "age", null, null));
    measured.print("otpprocesses/" + pid, () -> processes.process(pid));
    measured.print("otpsupervisors", () -> supervisors.supervisors(null));
    var registry = context.getBean(MeterRegistry.class);
    measured.print(
        "every meter once",
        () -> {
          double[] sum = {0};
          registry.forEachMeter(meter -> meter.measure().forEach(m -> sum[0] += m.getValue()));
          return sum[0];
        });
  }

  /** A ranking is good for a second. */
  private static void awaitStale() throws InterruptedException {
    waited = System.nanoTime();
    Thread.sleep(1_100);
    waited = System.nanoTime() - waited;
  }

  private static long waited;

  private static void print(String what, Callable<Integer> request) throws Exception {
    for (long start = System.nanoTime(); System.nanoTime() - start < WARM_UP; ) {
      request.call();
    }
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    var nanos = new long[ROUNDS];
    long bytes = Long.MAX_VALUE;
    int length = 0;
    for (int i = 0; i < ROUNDS; i++) {
      waited = 0;
      long before = threads.getTotalThreadAllocatedBytes();
      long start = System.nanoTime();
      length = request.call();
      nanos[i] = System.nanoTime() - start - waited;
      bytes = Math.min(bytes, threads.getTotalThreadAllocatedBytes() - before);
    }
    Arrays.sort(nanos);
    System.out.printf(
        "| %s | %.2f | %.2f | %,d | %.1f |%n",
        what, nanos[ROUNDS / 2] / 1e6, nanos[ROUNDS - 1] / 1e6, bytes / 1024, length / 1024.0);
  }
}
