package io.otp.reliability;

import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Sys;
import io.otp.supervisor.Supervisor;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ten thousand random kills over three levels of five thousand processes: a supervisor, 50
 * supervisors of all strategies below it, and 4,949 servers. After each round the tree is what its
 * specs say, every name leads to its process, no process is outside of the tree, and the books of
 * restarts add up.
 */
public final class Kills {

  private static final int KILLERS = 4;
  private static final Duration SETTLING = Duration.ofSeconds(60);

  private final Run run;
  private final Random random;
  private final Tree tree;
  private final Books books = new Books();
  private final ProcessRuntime runtime;
  private final AtomicInteger missed = new AtomicInteger();

  private Kills(Run run) {
    this.run = run;
    this.random = new Random(run.seed);
    this.tree = new Tree(run.size(50, 10), run.size(4_949, 489));
    this.runtime = ProcessRuntime.builder().name("kills").reportHandler(books::onReport).build();
  }

  /** See {@link Run}. */
  public static void main(String[] arguments) throws Exception {
    var run = new Run("kills", arguments);
    new Kills(run).run();
    run.end();
  }

  private void run() throws InterruptedException {
    Supervisor.start(runtime, tree.spec());
    Pid top = runtime.whereis(Tree.TOP).orElseThrow();
    settle("at first");
    run.print("%,d processes in three levels", tree.size());
    int kills = run.size(10_000, 1_000);
    int rounds = run.size(20, 5);
    long start = System.nanoTime();
    for (int round = 1; round <= rounds; round++) {
      long before = System.nanoTime();
      strike(kills / rounds);
      long struck = System.nanoTime();
      settle("after round " + round);
      run.print(
          "round %2d: %,d kills in %.2f s, at rest %.2f s later; %,d restarts so far",
          round,
          kills / rounds,
          (struck - before) / 1e9,
          (System.nanoTime() - struck) / 1e9,
          restarts());
    }
    run.print(
        "%,d kills in %.1f s; %,d more found nobody, because their victim was being restarted",
        kills, (System.nanoTime() - start) / 1e9, missed.get());
    books.check(run, tree, top);
    run.check(runtime.isAlive(top), "the top supervisor has ended");
    Sys.terminate(top, ExitReason.SHUTDOWN, SETTLING);
    String left =
        Run.await(
            SETTLING,
            () ->
                runtime.stats().processes() == 0 && runtime.stats().names() == 0
                    ? ""
                    : runtime.stats() + " is left of the tree when it was stopped");
    run.check(left.isEmpty(), left);
    run.check(
        runtime.stats().rescuedWakeUps() == 0,
        runtime.stats().rescuedWakeUps() + " wake-ups were lost and found by the watchdog");
    long ended = runtime.stats().exitedNormally() + runtime.stats().exitedAbnormally();
    run.check(
        runtime.stats().spawned() == ended,
        runtime.stats().spawned() + " processes were started, " + ended + " have ended");
    runtime.close();
  }

  private long restarts() {
    return runtime.counters().stream().mapToLong(counters -> counters.restarts()).sum();
  }

  private void settle(String when) throws InterruptedException {
    String wrong = Run.await(SETTLING, () -> tree.wrong(runtime));
    if (!wrong.isEmpty()) {
      run.broken(when + ": " + wrong);
      run.end();
    }
  }

  /** Several at once, so that kills meet restarts. */
  private void strike(int kills) throws InterruptedException {
    var done = new CountDownLatch(KILLERS);
    for (int k = 0; k < KILLERS; k++) {
      var own = new Random(random.nextLong());
      Thread.ofVirtual()
          .start(
              () -> {
                for (int i = 0; i < kills / KILLERS; i++) {
                  while (!strike(own)) {
                    missed.incrementAndGet();
                  }
                }
                done.countDown();
              });
    }
    done.await();
  }

  /** Whether there was a victim: one that is being restarted has nobody under its name. */
  private boolean strike(Random own) {
    boolean supervisor = own.nextInt(50) == 0;
    String name =
        supervisor ? tree.supervisorName(own.nextInt(tree.supervisors)) : tree.worker(own);
    Pid victim = runtime.whereis(name).orElse(null);
    if (victim == null || !runtime.isAlive(victim)) {
      return false;
    }
    // What a victim that does not trap exits may as well die of; servers that do may refuse.
    ExitReason reason =
        own.nextInt(4) == 0 && !supervisor ? new ExitReason.Other("struck") : ExitReason.KILL;
    if (supervisor) {
      runtime.atExit(victim, why -> books.supervisorEnded(victim, why));
    }
    runtime.exit(victim, reason);
    return true;
  }
}
