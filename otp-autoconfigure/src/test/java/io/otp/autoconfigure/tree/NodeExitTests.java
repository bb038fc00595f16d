package io.otp.autoconfigure.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.ProcessRuntime;
import io.otp.server.ServerRef;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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
}
