package io.otp.process;

import static io.otp.process.StressedProcesses.behaviour;
import static io.otp.process.StressedProcesses.count;
import static io.otp.process.StressedProcesses.dying;
import static io.otp.process.StressedProcesses.holds;
import static io.otp.process.StressedProcesses.immortal;
import static io.otp.process.StressedProcesses.message;
import static io.otp.process.StressedProcesses.mortal;
import static io.otp.process.StressedProcesses.trapping;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** P1 to P6 of {@link Process}, and {@link Signals}. */
public class DeathJcstress {

  /** A process whose death is counted. */
  private static final class Counted {
    final Process process;
    final AtomicInteger deaths = new AtomicInteger();
    volatile ExitReason reason;

    Counted(Process process) {
      this.process = process;
      process.atExit(
          why -> {
            reason = why;
            deaths.incrementAndGet();
          });
    }

    int deaths() {
      holds(() -> deaths.get() > 0);
      return deaths.get();
    }
  }

  /** Runs it and says whether an interrupt is left that nobody but this process should have met. */
  private static int runAndLookForInterrupt(Process process) {
    boolean late = Thread.interrupted(); // of the process before
    StressedProcesses.run(process);
    return late || Thread.interrupted() ? 1 : 0;
  }

  /** P2, P5, P6: killed while it goes idle. */
  @JCStressTest
  @Outcome(
      id = "0, 1",
      expect = ACCEPTABLE,
      desc = "its death is told once and no interrupt is left")
  @Outcome(
      id = {"0, 0", "1, 0"},
      expect = FORBIDDEN,
      desc = "killed, but its death is never told")
  @Outcome(
      id = {"1, 1", "1, 2"},
      expect = FORBIDDEN,
      desc = "an interrupt meets the next process of the thread")
  @Outcome(expect = FORBIDDEN, desc = "told twice")
  @State
  public static class KillMeetsIdle {
    private final Counted victim = new Counted(mortal(behaviour()));

    @Actor
    public void runner(II_Result r) {
      r.r1 = runAndLookForInterrupt(victim.process);
    }

    @Actor
    public void killer() {
      victim.process.terminate(ExitReason.KILLED);
    }

    @Arbiter
    public void told(II_Result r) {
      r.r2 = victim.deaths();
    }
  }

  /** The same while a message wakes it. */
  @JCStressTest
  @Outcome(
      id = "0, 1",
      expect = ACCEPTABLE,
      desc = "its death is told once and no interrupt is left")
  @Outcome(
      id = {"0, 0", "1, 0"},
      expect = FORBIDDEN,
      desc = "killed, but its death is never told")
  @Outcome(
      id = {"1, 1", "1, 2"},
      expect = FORBIDDEN,
      desc = "an interrupt meets the next process of the thread")
  @Outcome(expect = FORBIDDEN, desc = "told twice")
  @State
  public static class KillMeetsWakeUp {
    private final Counted victim = new Counted(mortal(behaviour()));

    @Actor
    public void runner(II_Result r) {
      r.r1 = runAndLookForInterrupt(victim.process);
    }

    @Actor
    public void killer() {
      victim.process.deliver(message(), null);
      victim.process.terminate(ExitReason.KILLED);
    }

    @Arbiter
    public void told(II_Result r) {
      r.r2 = victim.deaths();
    }
  }

  /** P1: a reason of its own and one from outside. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the first reason wins and is told once")
  @Outcome(expect = FORBIDDEN, desc = "not told, told twice, or told otherwise than it is")
  @State
  public static class KillMeetsExit {
    private final Counted victim = new Counted(dying());

    @Actor
    public void runner() {
      StressedProcesses.run(victim.process);
    }

    @Actor
    public void killer() {
      victim.process.terminate(ExitReason.KILLED);
    }

    @Arbiter
    public void told(II_Result r) {
      r.r1 = victim.deaths();
      r.r2 = victim.reason == victim.process.exit() ? 1 : 0;
    }
  }

  /** P1: two reasons from outside, for a process that is idle. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "the first reason wins and is told once")
  @Outcome(expect = FORBIDDEN, desc = "not told, told twice, or told otherwise than it is")
  @State
  public static class KillMeetsKill {
    private final Counted victim = new Counted(mortal(behaviour()));

    public KillMeetsKill() {
      victim.process.rest(Mailbox.IDLE);
    }

    @Actor
    public void first() {
      victim.process.terminate(ExitReason.KILLED);
    }

    @Actor
    public void second() {
      victim.process.terminate(ExitReason.TIMEOUT);
    }

    @Arbiter
    public void told(II_Result r) {
      r.r1 = victim.deaths();
      r.r2 = victim.reason == victim.process.exit() ? 1 : 0;
    }
  }

  /** P4: linked while the other one ends. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "one exit signal, noproc or the reason")
  @Outcome(expect = FORBIDDEN, desc = "linked to a dead process without a signal, or two signals")
  @State
  public static class LinkMeetsDeath {
    private final Process self = trapping(immortal(behaviour()));
    private final Process other = dying();

    @Actor
    public void self() {
      Signals.link(self, other, true);
    }

    @Actor
    public void other() {
      StressedProcesses.run(other);
    }

    @Arbiter
    public void signals(I_Result r) {
      r.r1 = count(self, Exit.class);
    }
  }

  /** After unlink no exit signal comes. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "unlinked before it ended")
  @Outcome(
      id = "1, 1",
      expect = ACCEPTABLE,
      desc = "the signal was in the mailbox when unlink returned")
  @Outcome(expect = FORBIDDEN, desc = "an exit signal after unlink")
  @State
  public static class UnlinkMeetsDeath {
    private final Process self = trapping(immortal(behaviour()));
    private final Process other = dying();

    public UnlinkMeetsDeath() {
      Signals.link(self, other, true);
    }

    @Actor
    public void self(II_Result r) {
      Signals.unlink(self, other);
      r.r1 = count(self, Exit.class);
    }

    @Actor
    public void other() {
      StressedProcesses.run(other);
    }

    @Arbiter
    public void signals(II_Result r) {
      r.r2 = count(self, Exit.class);
    }
  }

  /** Both ends of a link end at once. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "both deaths are told")
  @Outcome(expect = FORBIDDEN, desc = "a death is not told, or they wait for each other")
  @State
  public static class LinkedDieTogether {
    private final Counted one = new Counted(dying());
    private final Counted two = new Counted(dying());

    public LinkedDieTogether() {
      Signals.link(one.process, two.process, false);
    }

    @Actor
    public void first() {
      StressedProcesses.run(one.process);
    }

    @Actor
    public void second() {
      StressedProcesses.run(two.process);
    }

    @Arbiter
    public void told(II_Result r) {
      r.r1 = one.deaths();
      r.r2 = two.deaths();
    }
  }

  /** A monitor fires once. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "one down message, noproc or the reason")
  @Outcome(expect = FORBIDDEN, desc = "none, or two")
  @State
  public static class MonitorMeetsDeath {
    private final Process self = immortal(behaviour());
    private final Process other = dying();

    @Actor
    public void self() {
      Signals.monitor(self, other, other);
    }

    @Actor
    public void other() {
      StressedProcesses.run(other);
    }

    @Arbiter
    public void downs(I_Result r) {
      r.r1 = count(self, Down.class);
    }
  }

  /** After demonitor no down message comes. */
  @JCStressTest
  @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "ended before it fired")
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "it had fired, and demonitor says so")
  @Outcome(
      expect = FORBIDDEN,
      desc = "a down message after demonitor, or one that demonitor denies")
  @State
  public static class DemonitorMeetsDeath {
    private final Process self = immortal(behaviour());
    private final Process other = dying();
    private final Ref ref = Signals.monitor(self, other, other);

    @Actor
    public void self(III_Result r) {
      r.r1 = Signals.demonitor(self, ref) ? 1 : 0;
      r.r2 = count(self, Down.class);
    }

    @Actor
    public void other() {
      StressedProcesses.run(other);
    }

    @Arbiter
    public void downs(III_Result r) {
      r.r3 = count(self, Down.class);
    }
  }
}
