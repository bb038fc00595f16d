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

/** Q1 to Q4 of {@link RunQueue}. */
public class RunQueueJcstress {

  /** What is queued; the field is plain, as those of a process are. */
  private static final class Element {
    int value;

    Element(int value) {
      this.value = value;
    }
  }

  private static int poll(RunQueue<Element> queue) {
    Element element = queue.poll();
    return element == null ? 0 : element.value;
  }

  private static int drain(RunQueue<Element> queue) {
    int sum = 0;
    for (int value = poll(queue); value != 0; value = poll(queue)) {
      sum += value;
    }
    return sum;
  }

  /** Q1: two offer to a queue with room for two that has been around once, and take. */
  @JCStressTest
  @Outcome(
      id = {"1, 10, 0", "10, 1, 0"},
      expect = ACCEPTABLE,
      desc = "both are taken")
  @Outcome(
      id = {"0, 1, 10", "0, 10, 1", "1, 0, 10", "10, 0, 1"},
      expect = ACCEPTABLE,
      desc = "one came too early to take")
  @Outcome(expect = FORBIDDEN, desc = "lost, taken twice, or seen before it was complete")
  @State
  public static class Exchange {
    private final RunQueue<Element> queue = new RunQueue<>(2);

    public Exchange() {
      queue.offer(new Element(1));
      queue.poll();
    }

    @Actor
    public void first(III_Result r) {
      queue.offer(new Element(1));
      r.r1 = poll(queue);
    }

    @Actor
    public void second(III_Result r) {
      queue.offer(new Element(10));
      r.r2 = poll(queue);
    }

    @Arbiter
    public void left(III_Result r) {
      r.r3 = drain(queue);
    }
  }

  /** Q2: the queue is full when both offer. */
  @JCStressTest
  @Outcome(
      id = {"1, 102", "0, 101"},
      expect = ACCEPTABLE,
      desc = "accepted where there was room, refused where not")
  @Outcome(expect = FORBIDDEN, desc = "lost, taken twice, or accepted without room")
  @State
  public static class Full {
    private final RunQueue<Element> queue = new RunQueue<>(2);

    public Full() {
      queue.offer(new Element(1));
      queue.offer(new Element(100));
    }

    @Actor
    public void producer(II_Result r) {
      r.r1 = queue.offer(new Element(1)) ? 1 : 0;
    }

    @Actor
    public void consumer(II_Result r) {
      r.r2 = poll(queue);
    }

    @Arbiter
    public void left(II_Result r) {
      r.r2 += drain(queue);
    }
  }

  /** Q4: who saw the ticket drawn does not find the queue empty. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "taken")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "it was empty then")
  @Outcome(
      expect = FORBIDDEN,
      desc = "not empty, but there was nothing to take: the worker would sleep or spin")
  @State
  public static class Empty {
    private final RunQueue<Element> queue = new RunQueue<>(2);

    @Actor
    public void producer() {
      queue.offer(new Element(1));
    }

    @Actor
    public void consumer(II_Result r) {
      while (!queue.isEmpty() && r.r1 == 0) {
        r.r1 = poll(queue);
      }
    }

    @Arbiter
    public void left(II_Result r) {
      r.r2 = r.r1 + drain(queue);
    }
  }
}
