package io.otp.process;

import static io.otp.process.StressedProcesses.RUNTIME;
import static io.otp.process.StressedProcesses.behaviour;
import static io.otp.process.StressedProcesses.holds;
import static io.otp.process.StressedProcesses.message;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.otp.process.StressedProcesses.Stressed;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** S2 of {@link Scheduler}, with its own workers, which fall asleep between any two tries. */
public class SchedulerJcstress {

  /** Two processes are woken at once, by threads that are no workers. */
  @JCStressTest
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "both have run")
  @Outcome(
      id = {"0, 0", "1, 0"},
      expect = FORBIDDEN,
      desc = "scheduled but stranded")
  @Outcome(expect = FORBIDDEN, desc = "only the watchdog found it")
  @State
  public static class Submit {
    private final Stressed first = behaviour();
    private final Stressed second = behaviour();
    private final Process one = StressedProcesses.immortal(first);
    private final Process two = StressedProcesses.immortal(second);

    public Submit() {
      one.rest(Mailbox.IDLE);
      two.rest(Mailbox.IDLE);
    }

    @Actor
    public void first() {
      one.deliver(message(), null);
    }

    @Actor
    public void second() {
      two.deliver(message(), null);
    }

    @Arbiter
    public void handled(II_Result r) {
      holds(() -> first.handled.get() + second.handled.get() == 2);
      r.r1 = first.handled.get() + second.handled.get();
      r.r2 = (int) RUNTIME.watchdog().rescued();
    }
  }
}
