package io.otp.task;

import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Receive;
import io.otp.process.Self;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of many tasks, of which a few run at a time. All of it happens on the thread of the
 * process that reads it; each step starts what may be started and waits for one message.
 */
final class TaskStream<A, T> extends Spliterators.AbstractSpliterator<Outcome<T>> {

  /** So many results for each running task wait for a slow one, at most. */
  private static final int WINDOW = 16;

  private static final class Slot<T> {
    final Task<T> task;
    final TaskDeadline deadline;
    @Nullable Outcome<T> outcome;

    Slot(Task<T> task, TaskDeadline deadline) {
      this.task = task;
      this.deadline = deadline;
    }
  }

  private final Self<?> self;
  private final Iterator<A> inputs;
  private final Function<A, Task<T>> start;
  private final StreamOptions options;

  /** Not delivered yet: in the order of inputs, or finished first. */
  private final Deque<Slot<T>> waiting = new ArrayDeque<>();

  /** By when they were started, so the one whose time is over first is first. */
  private final Map<Object, Slot<T>> running = new LinkedHashMap<>();

  TaskStream(Self<?> self, Iterable<A> inputs, Function<A, Task<T>> start, StreamOptions options) {
    super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
    this.self = self;
    this.inputs = inputs.iterator();
    this.start = start;
    this.options = options;
  }

  Stream<Outcome<T>> stream() {
    return StreamSupport.stream(this, false).onClose(this::close);
  }

  @Override
  public boolean tryAdvance(Consumer<? super Outcome<T>> action) {
    while (true) {
      startMore();
      Slot<T> next = waiting.peek();
      if (next != null && next.outcome != null) {
        waiting.remove();
        action.accept(next.outcome);
        return true;
      }
      if (running.isEmpty()) {
        return false;
      }
      awaitOne();
    }
  }

  private void startMore() {
    int window = Math.multiplyExact(WINDOW, Math.min(options.maxConcurrency(), 1 << 20));
    while (running.size() < options.maxConcurrency()
        && waiting.size() < window
        && inputs.hasNext()) {
      var slot =
          new Slot<>(
              start.apply(inputs.next()),
              new TaskDeadline(self.runtime().clock(), options.timeout()));
      running.put(slot.task.ref(), slot);
      if (options.ordered()) {
        waiting.add(slot);
      }
    }
  }

  private void awaitOne() {
    Slot<T> eldest = running.values().iterator().next();
    Function<Object, Receive<Object>> ofOne =
        message -> slotOf(message) == null ? Receive.skip() : Receive.take(message);
    self.receive(eldest.deadline.left(), ofOne)
        .ifPresentOrElse(
            message -> {
              Slot<T> slot = slotOf(message);
              if (slot != null) {
                slot.task.read(self, message).ifPresent(outcome -> finish(slot, outcome));
              }
            },
            () -> timeOut(eldest));
  }

  private @Nullable Slot<T> slotOf(Object message) {
    return switch (message) {
      case Task.Reply reply -> running.get(reply.ref());
      case Down down -> running.get(down.ref());
      default -> null;
    };
  }

  private void finish(Slot<T> slot, Outcome<T> outcome) {
    running.remove(slot.task.ref());
    slot.task.flushExit(self);
    slot.outcome = outcome;
    if (!options.ordered()) {
      waiting.add(slot);
    }
  }

  private void timeOut(Slot<T> slot) {
    if (!slot.deadline.isOver()) {
      return;
    }
    if (options.onTimeout() == StreamOptions.OnTimeout.EXIT) {
      close();
      throw slot.task.timedOut(options.timeout());
    }
    slot.task.discard(self);
    finish(slot, new Outcome.Exited<>(ExitReason.TIMEOUT));
  }

  /** Ends what runs. */
  private void close() {
    running.values().forEach(slot -> slot.task.discard(self));
    running.clear();
    waiting.clear();
  }
}
