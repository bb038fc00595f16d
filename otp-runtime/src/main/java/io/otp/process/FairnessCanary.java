package io.otp.process;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.jspecify.annotations.Nullable;

/**
 * Keeps virtual threads running while others compute: Java does not preempt them. Every few
 * milliseconds it starts an empty virtual thread; one that does not get to run within 5 ms shows
 * that all carriers are taken, and the parallelism of the JVM's scheduler is raised by one, through
 * its supported management bean. Calm for a while, it is lowered again.
 *
 * <p>There is one per JVM, whatever the number of runtimes, because the scheduler is the JVM's; the
 * last runtime that closes puts the parallelism back. It works only while a runtime says that
 * something runs.
 */
final class FairnessCanary {

  private static final int MAX_EXTRA = 8;
  private static final long PATIENCE = 5_000_000;
  private static final long INTERVAL = 5_000_000;
  private static final long IDLE_INTERVAL = 50_000_000;
  private static final int CALM_ROUNDS = 200;

  private static final Object LOCK = new Object();
  private static int users;
  private static @Nullable FairnessCanary running;

  private final VirtualThreadSchedulerMXBean scheduler;
  private final int base;
  private volatile boolean stopped;
  private volatile int raised;

  private FairnessCanary(VirtualThreadSchedulerMXBean scheduler) {
    this.scheduler = scheduler;
    this.base = scheduler.getParallelism();
  }

  /** A runtime has started. */
  static void use() {
    synchronized (LOCK) {
      if (users++ > 0) {
        return;
      }
      var bean = ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
      if (bean == null || bean.getParallelism() < 1) {
        return; // no such scheduler in this JVM
      }
      var canary = new FairnessCanary(bean);
      running = canary;
      Thread.ofPlatform().daemon().name("otp-fairness").start(canary::run);
    }
  }

  /** A runtime has closed. */
  static void release() {
    synchronized (LOCK) {
      if (--users == 0 && running != null) {
        running.stop();
        running = null;
      }
    }
  }

  /** By how much the parallelism is raised at the moment. */
  static int raised() {
    FairnessCanary canary = running;
    return canary == null ? 0 : canary.raised;
  }

  private synchronized void stop() {
    stopped = true;
    if (raised > 0) {
      scheduler.setParallelism(base);
      raised = 0;
    }
  }

  private synchronized void change(int by) {
    if (!stopped && raised + by >= 0 && raised + by <= MAX_EXTRA) {
      raised += by;
      scheduler.setParallelism(base + raised);
    }
  }

  private void run() {
    int calm = 0;
    int starved = 0;
    while (!stopped) {
      var ran = new AtomicBoolean();
      Thread.ofVirtual().name("otp-canary").start(() -> ran.set(true));
      LockSupport.parkNanos(2_000_000);
      long waited = System.nanoTime();
      while (!ran.get() && System.nanoTime() - waited < PATIENCE - 2_000_000) {
        LockSupport.parkNanos(1_000_000);
      }
      if (!ran.get()) {
        calm = 0;
        if (++starved > 1) { // one may have met a moment of load
          change(1);
        }
        continue;
      }
      starved = 0;
      if (++calm > CALM_ROUNDS && raised > 0) {
        change(-1);
        calm = 0;
      } else {
        LockSupport.parkNanos(
            scheduler.getMountedVirtualThreadCount() >= base ? INTERVAL : IDLE_INTERVAL);
      }
    }
  }
}
