package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.devtools.restart.Restarter;
import org.springframework.context.ConfigurableApplicationContext;

/** DevTools restarts an application in a new class loader: nothing of the old one may be left. */
@Timeout(400)
class DevToolsTests {

  private static final String ROUND = "test.round";
  private static final String LOADER = "test.loader";

  /**
   * Boot itself holds the first class loader until the JVM ends: its hook for the shutdown is a
   * thread of it, its binder keeps property editors.
   */
  private static final int FIRST = 2;

  private static final int ROUNDS = 4;

  /**
   * Started again by DevTools, each time in another class loader; what has to survive is in the
   * system properties.
   */
  static final class Main {
    public static void main(String[] args) throws Exception {
      ConfigurableApplicationContext context =
          TestApplication.of(new Class<?>[] {LifecycleTests.Application.class}, args).run(args);
      ServerRef<Ledger.Message> ledger =
          ServerRef.of(context.getBean(ProcessRuntime.class), "ledger");
      ledger.cast(new Ledger.Deposit("joe", 5));
      int round = Integer.getInteger(ROUND, 1);
      System.out.println("round " + round + ", balance " + ledger.call(new Ledger.Balance("joe")));
      if (round > FIRST) {
        report(round);
      }
      if (round == ROUNDS) {
        System.exit(0);
      }
      System.setProperty(ROUND, String.valueOf(round + 1));
      System.getProperties().put(LOADER, new WeakReference<>(Main.class.getClassLoader()));
      Thread.ofPlatform().start(() -> Restarter.getInstance().restart());
    }

    private static void report(int round) throws InterruptedException {
      var previous = (WeakReference<?>) System.getProperties().get(LOADER);
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (previous.get() != null && System.nanoTime() - deadline < 0) {
        System.gc();
        Thread.onSpinWait();
      }
      System.out.println(
          "round " + round + ", class loader " + (previous.get() == null ? "gone" : "leaked"));
      Set<String> threads = Threads.ours();
      System.out.println(
          "round "
              + round
              + ", timer threads "
              + threads.stream().filter(name -> name.contains("otp-timers")).count());
    }
  }

  @Test
  void aRestartLeavesNothingBehind() throws Exception {
    ChildJvm child =
        ChildJvm.run(
            ChildJvm.classPath(),
            List.of("-Dspring.devtools.livereload.enabled=false"),
            Main.class,
            "otp.supervisors.payments.children[0].id=ledger",
            "otp.supervisors.payments.children[0].server=ledger");
    assertThat(child.output()).contains("round " + FIRST + ", balance 5");
    for (int round = FIRST + 1; round <= ROUNDS; round++) {
      assertThat(child.output())
          .contains(
              "round " + round + ", balance 5",
              "round " + round + ", class loader gone",
              "round " + round + ", timer threads 1");
    }
    assertThat(child.exitCode()).isZero();
  }
}
