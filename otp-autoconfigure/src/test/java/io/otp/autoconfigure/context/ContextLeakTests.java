package io.otp.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.supervisor.Supervisor;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationContext;

/** A thousand incarnations leave nothing behind. */
class ContextLeakTests {

  private static final int RESTARTS = Integer.getInteger("otp.test.restarts", 1000);
  private static final int STEP = RESTARTS / 10;

  /** At one moment, after a collection. */
  private record Figures(int restarts, long heap, long metaspace, int classes, int threads) {
    @Override
    public String toString() {
      return "%4d restarts: heap %6d kB, metaspace %6d kB, %d classes, %d threads"
          .formatted(restarts, heap / 1024, metaspace / 1024, classes, threads);
    }
  }

  private static Figures figures(int restarts) {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
    long metaspace =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getName().equals("Metaspace"))
            .map(MemoryPoolMXBean::getUsage)
            .mapToLong(usage -> usage.getUsed())
            .sum();
    return new Figures(
        restarts,
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        metaspace,
        classes.getLoadedClassCount(),
        ManagementFactory.getThreadMXBean().getThreadCount());
  }

  @Test
  void aThousandRestartsLeaveHeapAndMetaspaceFlat() throws InterruptedException {
    var figures = new ArrayList<Figures>();
    var contexts = new ArrayList<WeakReference<ApplicationContext>>();
    try (Node node =
        Node.of(
            ContextFeatureTests.Root.class,
            "otp.reports.log=false",
            "otp.supervisors.top.intensity=" + 2 * RESTARTS,
            "otp.supervisors.top.children[0].id=shop",
            "otp.supervisors.top.children[0].supervisor.context.configuration="
                + ContextFeatureTests.Features.class.getName())) {
      var window = node.bean(ContextFeatureTests.Window.class);
      window.opening.take();
      for (int i = 1; i <= RESTARTS; i++) {
        Pid pid = node.pid("shop");
        if (i % 2 == 0) {
          node.runtime.exit(pid, ExitReason.KILL);
        } else {
          Supervisor.of(node.runtime, "top").terminateChild("shop");
          Supervisor.of(node.runtime, "top").restartChild("shop");
        }
        ApplicationContext open = window.opening.poll(30, TimeUnit.SECONDS);
        assertThat(open).as("incarnation %s", i).isNotNull();
        contexts.add(new WeakReference<>(open));
        Supervisor.of(node.runtime, "top").countChildren(); // answered when it has restarted it
        assertThat(open.getBean(ContextFeatureTests.Books.class).inTransaction()).isTrue();
        open.getBean(ContextFeatureTests.Prices.class).price(1);
        window.seenByRoot.clear();
        if (i % STEP == 0) {
          figures.add(figures(i));
          System.out.println(figures.getLast());
        }
      }
      assertThat(contexts.stream().filter(context -> context.get() != null).count())
          .as("contexts that were not collected")
          .isLessThanOrEqualTo(3);
    }
    Figures half = figures.get(RESTARTS / STEP / 2 - 1);
    Figures end = figures.getLast();
    List<Figures> shown = List.of(half, end);
    assertThat(end.classes() - half.classes()).as("classes: %s", shown).isLessThan(50);
    assertThat(end.metaspace() - half.metaspace()).as("metaspace: %s", shown).isLessThan(2 << 20);
    assertThat(end.heap() - half.heap()).as("heap: %s", shown).isLessThan(4 << 20);
    assertThat(end.threads() - half.threads()).as("threads: %s", shown).isLessThan(10);
  }
}
