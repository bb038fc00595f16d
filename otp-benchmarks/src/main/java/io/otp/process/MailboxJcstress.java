package io.otp.process;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** M1 to M4 of {@link Mailbox}. */
public class MailboxJcstress {

  static final class Box extends Mailbox {
    Box() {
      super(1);
    }

    int poll(int nothing) {
      Node node = poll();
      return node == null ? nothing : (int) node.message;
    }

    int pushed(int message) {
      Node before = push(new Node(message, Node.INFO));
      return before == IDLE || before == WAITING ? 1 : before == DEAD ? -1 : 0;
    }
  }

  /** M3: a process goes idle while somebody sends. */
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

    @Actor
    public void sender(II_Result r) {
      r.r1 = box.pushed(1);
    }

    @Actor
    public void runner(II_Result r) {
      r.r2 = box.poll(0);
      if (r.r2 == 0 && !box.rest(Mailbox.IDLE)) {
        r.r2 = box.poll(0);
      }
    }
  }

  /** M3: a receive that gives up waiting while somebody sends. */
  @JCStressTest
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "sent before it waited, or after it gave up")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "sent while it waited")
  @Outcome(expect = FORBIDDEN, desc = "lost, or taken twice")
  @State
  public static class Wait {
    private final Box box = new Box();

    @Actor
    public void sender(II_Result r) {
      r.r1 = box.pushed(1);
    }

    @Actor
    public void receiver(II_Result r) {
      r.r2 = box.poll(0);
      if (r.r2 == 0 && box.rest(Mailbox.WAITING) && !box.wakeUp()) {
        r.r2 = box.poll(0) == 1 ? 1 : -1; // woken for nothing is forbidden
      }
    }

    @Arbiter
    public void rest(II_Result r) {
      r.r2 += box.poll(0);
    }
  }

  /** M2, and the edge from sender to receiver. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "nothing was there")
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "the first was there")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "the first came between")
  @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "both, in order")
  @Outcome(expect = FORBIDDEN, desc = "out of order, or seen before it was complete")
  @State
  public static class Order {
    private final Box box = new Box();

    @Actor
    public void sender() {
      box.pushed(1);
      box.pushed(2);
    }

    @Actor
    public void receiver(II_Result r) {
      r.r1 = box.poll(0);
      r.r2 = box.poll(0);
    }
  }

  /** M3 and M1: two send to an idle process. */
  @JCStressTest
  @Outcome(
      id = {"1, 0, 12", "0, 1, 21"},
      expect = ACCEPTABLE,
      desc = "the first of both wakes it")
  @Outcome(
      id = {"0, 0, 12", "0, 0, 21"},
      expect = FORBIDDEN,
      desc = "accepted but stranded: nobody wakes the process")
  @Outcome(
      id = {"1, 1, 12", "1, 1, 21"},
      expect = FORBIDDEN,
      desc = "woken twice: two threads would run it")
  @Outcome(expect = FORBIDDEN, desc = "lost, or taken twice")
  @State
  public static class TwoSenders {
    private final Box box = new Box();

    public TwoSenders() {
      box.rest(Mailbox.IDLE);
    }

    @Actor
    public void first(III_Result r) {
      r.r1 = box.pushed(1);
    }

    @Actor
    public void second(III_Result r) {
      r.r2 = box.pushed(2);
    }

    @Arbiter
    public void taken(III_Result r) {
      r.r3 = 10 * box.poll(0) + box.poll(0);
    }
  }

  /** M1 and M4: a process ends while somebody sends. */
  @JCStressTest
  @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "accepted, and found by who closed it")
  @Outcome(id = "-1, 0, 0", expect = ACCEPTABLE, desc = "refused: the sender knows")
  @Outcome(expect = FORBIDDEN, desc = "accepted but lost, or accepted by a dead process")
  @State
  public static class Close {
    private final Box box = new Box();

    @Actor
    public void sender(III_Result r) {
      r.r1 = box.pushed(1);
    }

    @Actor
    public void closer(III_Result r) {
      r.r2 = box.close() == null ? 0 : 1;
    }

    @Arbiter
    public void later(III_Result r) {
      r.r3 = box.pushed(2) == -1 ? 0 : 1;
    }
  }
}
