package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;

/** What becomes of the JVM whose permanent application gives up. */
@Timeout(400)
class NodeExitTests {

  /** Starts a tree, lets it give up, and waits for what comes. */
  static final class Main {
    public static void main(String[] args) throws Exception {
      var closed = new CountDownLatch(1);
      var application = TestApplication.of(new Class<?>[] {LifecycleTests.Application.class}, args);
      application.addListeners(
          (ApplicationListener<ContextClosedEvent>) event -> closed.countDown());
      var context = application.run();
      ServerRef<Ledger.Message> ledger =
          ServerRef.of(context.getBean(ProcessRuntime.class), "ledger");
      ledger.cast(new Ledger.Crash());
      closed.await();
      System.out.println("closed");
      if (args[0].endsWith("=exit")) {
        new CountDownLatch(1).await(); // only System.exit ends this
      }
    }
  }

  private static ChildJvm run(String nodeExit) throws Exception {
    return ChildJvm.run(
        ChildJvm.classPath(),
        List.of(ChildJvm.NO_RESTART),
        Main.class,
        nodeExit,
        "otp.supervisors.payments.intensity=0",
        "otp.supervisors.payments.children[0].id=ledger",
        "otp.supervisors.payments.children[0].server=ledger");
  }

  @Test
  void exitsWithOne() throws Exception {
    ChildJvm child = run("otp.node-exit=exit");
    assertThat(child.output())
        .contains("Application 'payments' ended with shutdown; it is permanent and the node ends");
    assertThat(child.exitCode()).isEqualTo(1);
  }

  @Test
  void closesTheContextOnlyWhereSpringTestIs() throws Exception {
    ChildJvm child = run("otp.node-name=default");
    assertThat(child.output())
        .contains("Application 'payments' ended with shutdown; it is permanent and the node ends")
        .containsPattern("(?m)^closed$");
    assertThat(child.exitCode()).isZero();
  }

  /** Asks the JVM to end while a server does not stop and another computes for ever. */
  static final class Stuck {
    public static void main(String[] args) throws Exception {
      var application =
          TestApplication.of(
              new Class<?>[] {
                LifecycleTests.Application.class, LifecycleTests.StubbornConfiguration.class
              },
              args);
      var runtime = application.run().getBean(ProcessRuntime.class);
      var computing = new CountDownLatch(1);
      runtime.spawn(
          self -> {
            computing.countDown();
            while (true) {
              Thread.onSpinWait();
            }
          });
      computing.await();
      System.out.println("asked at " + System.currentTimeMillis());
      System.exit(0);
    }
  }

  @Test
  void aServerThatNeverStopsDoesNotHoldTheJvm() throws Exception {
    ChildJvm child =
        ChildJvm.run(
            ChildJvm.classPath(),
            List.of(ChildJvm.NO_RESTART),
            Stuck.class,
            "otp.shutdown.timeout=1s",
            "otp.supervisors.a.children[0].id=mule",
            "otp.supervisors.a.children[0].server=stubbornServer",
            "otp.supervisors.a.children[0].args=mule",
            "otp.supervisors.a.children[0].shutdown=infinity");
    long ended = System.currentTimeMillis();
    Matcher asked = Pattern.compile("asked at (\\d+)").matcher(child.output());
    assertThat(asked.find()).as(child.output()).isTrue();
    assertThat(Duration.ofMillis(ended - Long.parseLong(asked.group(1))))
        .isBetween(Duration.ofMillis(900), Duration.ofSeconds(30));
    assertThat(child.output())
        .contains(
            "Application 'a' has not stopped within the 1000 ms that otp.shutdown.timeout gives to"
                + " all; what is left of it is killed")
        .containsPattern("Application 'a' left \\d processes behind, which were killed: \\[.*mule");
    assertThat(child.exitCode()).isZero();
  }
}
