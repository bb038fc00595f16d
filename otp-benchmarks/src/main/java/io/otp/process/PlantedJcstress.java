package io.otp.process;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.otp.process.MailboxJcstress.Box;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A bug on purpose, to show that jcstress finds such: {@code jcstress.sh --planted}. Left out
 * otherwise.
 */
public class PlantedJcstress {

  /**
   * As {@link MailboxJcstress.Rest}, but the process looks whether something was sent and only then
   * goes idle.
   */
  @JCStressTest
  @Outcome(
      id = "0, 1",
      expect = ACCEPTABLE,
      desc = "the message was there before the process went idle")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the process was idle and its sender wakes it")
  @Outcome(
      id = "0, 0",
      expect = FORBIDDEN,
      desc = "accepted but stranded: nobody wakes the process")
  @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "woken for a message that it had taken")
  @State
  public static class Rest {
    private final Box box = new Box();
    private volatile boolean idle;

    @Actor
    public void sender(II_Result r) {
      r.r1 = idle ? 1 : 0;
      box.pushed(1);
    }

    @Actor
    public void runner(II_Result r) {
      r.r2 = box.poll(0);
      if (r.r2 == 0) {
        idle = true;
      }
    }
  }
}
