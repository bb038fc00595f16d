package io.otp.process;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * M1 to M4 of {@link Mailbox} against a plain queue, under every interleaving that the model
 * checker comes to. Which sender wakes the process is part of the answer of {@code send}, and so
 * there has to be one sequential order that explains it.
 */
class MailboxLincheckTests {

  private static ModelCheckingOptions options() {
    return ModelChecking.options(Model.class).actorsBefore(1).actorsPerThread(3).actorsAfter(3);
  }

  @Test
  void everyMessageIsTakenOnceAndInOrderAndOneSenderWakes() {
    options().check(Real.class);
  }

  @Test // planted: M3
  void lincheckFindsARestThatLooksFirstAndActsThen() {
    assertThatThrownBy(() -> options().check(RestsInTwoSteps.class))
        .isInstanceOf(LincheckAssertionError.class)
        .hasMessageContaining("Invalid execution results");
  }

  private static final class Box extends Mailbox {
    Box() {
      super(1);
    }
  }

  /** Senders on every thread, and one consumer at a time. */
  @Param(name = "message", gen = IntGen.class, conf = "1:9")
  public static class Real {
    final Mailbox box = new Box();
    private boolean ended;

    @Operation
    public String send(@Param(name = "message") int message) {
      return push(message, Mailbox.Node.INFO);
    }

    @Operation
    public String signal(@Param(name = "message") int message) {
      return push(message, Mailbox.Node.SIGNAL);
    }

    private String push(int message, int kind) {
      Mailbox.Node before = box.push(new Mailbox.Node(message, kind));
      return before == Mailbox.IDLE ? "wakes it" : before == Mailbox.DEAD ? "dead" : "sent";
    }

    /** What a runner does between two messages: takes the next or goes to rest. */
    @Operation(nonParallelGroup = "consumer")
    public String run() {
      if (ended || box.isResting()) {
        return "not running"; // until a sender wakes it
      }
      for (; ; ) {
        Mailbox.Node node = box.poll();
        if (node != null) {
          return node.message.toString();
        }
        if (rest(Mailbox.IDLE)) {
          return "idle";
        }
      }
    }

    /** What a receive without patience does: takes the next, or waits until it gives up. */
    @Operation(nonParallelGroup = "consumer")
    public String receive() {
      if (ended || box.isResting()) {
        return "not running";
      }
      for (; ; ) {
        Mailbox.Node node = box.poll();
        if (node != null) {
          return node.message.toString();
        }
        if (rest(Mailbox.WAITING) && box.wakeUp()) {
          return "timeout";
        }
      }
    }

    @Operation(nonParallelGroup = "consumer")
    public List<Object> end() {
      if (ended || box.isResting()) {
        return List.of("not running");
      }
      ended = true;
      var left = new ArrayList<>();
      for (Mailbox.Node node = box.close(); node != null; node = node.next) {
        left.addFirst(node.message);
      }
      int at = 0;
      for (Mailbox.Node node = box.first; node != null; node = node.next) {
        left.add(at++, node.message);
      }
      return left;
    }

    boolean rest(Mailbox.Node sentinel) {
      return box.rest(sentinel);
    }
  }

  /**
   * Looks whether something was sent; a sender that comes between does not know that it should wake
   * the process.
   */
  public static class RestsInTwoSteps extends Real {
    @Override
    boolean rest(Mailbox.Node sentinel) {
      if (box.refill() != null) {
        return false;
      }
      if (!box.rest(sentinel)) {
        box.refill();
        box.rest(sentinel);
      }
      return true;
    }
  }

  /** The same, one after the other. */
  public static class Model {
    private final Deque<Integer> queue = new ArrayDeque<>();
    private boolean idle;
    private boolean ended;

    public String send(int message) {
      if (ended) {
        return "dead";
      }
      queue.add(message);
      boolean wakes = idle;
      idle = false;
      return wakes ? "wakes it" : "sent";
    }

    public String signal(int message) {
      return send(message);
    }

    public String run() {
      if (ended || idle) {
        return "not running";
      }
      Integer message = queue.poll();
      idle = message == null;
      return idle ? "idle" : message.toString();
    }

    public String receive() {
      if (ended || idle) {
        return "not running";
      }
      Integer message = queue.poll();
      return message == null ? "timeout" : message.toString();
    }

    public List<Object> end() {
      if (ended || idle) {
        return List.of("not running");
      }
      ended = true;
      return new ArrayList<>(queue);
    }
  }
}
