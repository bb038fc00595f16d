package io.otp.process;

import static io.otp.process.StressedProcesses.bounded;
import static io.otp.process.StressedProcesses.holds;
import static io.otp.process.StressedProcesses.immortal;
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

/** B1 to B3 of {@link Bound}. */
public class BoundJcstress {

  /** B1: room for one, two send. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "one waits, one was dropped")
  @Outcome(expect = FORBIDDEN, desc = "more wait than the limit, or a message is not accounted for")
  @State
  public static class DropNewest {
    private final Process process = immortal(bounded(1, Overload.DROP_NEWEST));

    @Actor
    public void first() {
      process.deliver(message(), null);
    }

    @Actor
    public void second() {
      process.deliver(message(), null);
    }

    @Arbiter
    public void waiting(II_Result r) {
      r.r1 = process.mailboxSize();
      r.r2 = (int) process.refused();
    }
  }

  /** B1 and B3: the place of the message that goes is the place of the one that comes. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "one waits, one was dropped")
  @Outcome(expect = FORBIDDEN, desc = "more wait than the limit, or a message is not accounted for")
  @State
  public static class DropOldest {
    private final Process process = immortal(bounded(1, Overload.DROP_OLDEST));

    @Actor
    public void first() {
      process.deliver(message(), null);
    }

    @Actor
    public void second() {
      process.deliver(message(), null);
    }

    @Arbiter
    public void waiting(II_Result r) {
      r.r1 = process.mailboxSize();
      r.r2 = (int) process.refused();
    }
  }

  /** B3: senders take out the oldest while the consumer takes it too, and while it goes idle. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "every message is handled or dropped")
  @Outcome(
      expect = FORBIDDEN,
      desc = "a message is lost, handled twice, or stranded in the mailbox of an idle process")
  @State
  public static class DropMeetsConsumer {
    private final Stressed behaviour = bounded(1, Overload.DROP_OLDEST);
    private final Process process = immortal(behaviour);

    public DropMeetsConsumer() {
      process.deliver(message(), null);
    }

    @Actor
    public void sender() {
      process.deliver(message(), null);
      process.deliver(message(), null);
    }

    @Actor
    public void consumer() {
      StressedProcesses.run(process);
    }

    @Arbiter
    public void accounts(II_Result r) {
      r.r1 = holds(() -> behaviour.handled.get() + process.refused() == 3) ? 1 : 0;
      r.r2 = process.mailboxSize();
    }
  }

  /** A sender that waits for room is told of it. */
  @JCStressTest
  @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "admitted, and both are handled")
  @Outcome(id = "0, 1", expect = FORBIDDEN, desc = "there was room and the sender was not told")
  @Outcome(expect = FORBIDDEN, desc = "a message is lost or stranded")
  @State
  public static class Block {
    private final Stressed behaviour = bounded(1, Overload.BLOCK);
    private final Process process = immortal(behaviour);

    public Block() {
      process.deliver(message(), null);
    }

    @Actor
    public void sender(II_Result r) {
      r.r1 = process.deliver(message(), null) == Bound.Verdict.ADMITTED ? 1 : 0;
    }

    @Actor
    public void consumer() {
      StressedProcesses.run(process);
    }

    @Arbiter
    public void handled(II_Result r) {
      holds(() -> behaviour.handled.get() > r.r1);
      r.r2 = behaviour.handled.get();
    }
  }
}
