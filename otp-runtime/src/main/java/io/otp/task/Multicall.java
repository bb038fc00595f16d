package io.otp.task;

import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.Receive;
import io.otp.process.Self;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One process for each request, all at once, and the results in the order of the requests.
 *
 * {@snippet :
 * List<Outcome<Long>> balances =
 *     Multicall.run(self, ledgers, ledger -> ledger.call(new Balance("joe")), Duration.ofSeconds(2));
 * }
 *
 * <p>A request that fails or is too slow costs nothing but its own result. Between the caller and
 * the workers stands one process that is linked to both, so when the caller ends nothing is left,
 * and its mailbox gets one message however many requests there are. Where there are too many for
 * all at once, use {@link Task#asyncStream}.
 */
public final class Multicall {

  private Multicall() {}

  private record Done(int index, Object value) {}

  /**
   * Runs {@code body} for each request in a process of its own and waits for all results.
   *
   * @param requests what {@code body} gets, not {@code null}
   * @param timeout longest wait for all together; what has no result by then is killed
   * @return for each request, in their order: its result; why its process ended; or {@link
   *     ExitReason#TIMEOUT}
   * @throws IllegalArgumentException if the timeout is negative
   */
  public static <A, T> List<Outcome<T>> run(
      Self<?> self, List<? extends A> requests, TaskFunction<? super A, T> body, Duration timeout) {
    Objects.requireNonNull(body, "body");
    var deadline = new TaskDeadline(self.runtime().clock(), timeout);
    List<A> all = List.copyOf(requests);
    if (all.isEmpty()) {
      return List.of();
    }
    Task<List<Outcome<T>>> collector =
        Task.async(self, (Self<Object> own) -> collect(own, all, body, deadline));
    List<Outcome<T>> outcomes = collector.await(self, Task.INFINITY);
    collector.flushExit(self);
    return outcomes;
  }

  /** In the process between. */
  private static <A, T> List<Outcome<T>> collect(
      Self<Object> self, List<A> requests, TaskFunction<? super A, T> body, TaskDeadline deadline) {
    self.trapExits(true);
    Map<Pid, Integer> running = new HashMap<>();
    for (int i = 0; i < requests.size(); i++) {
      int index = i;
      A request = requests.get(i);
      running.put(self.spawnLink(worker -> work(worker, self.pid(), index, request, body)), i);
    }
    @Nullable Object[] outcomes = new Object[requests.size()];
    while (!running.isEmpty()) {
      Optional<Object> message = self.receive(deadline.left(), Receive::take);
      if (message.isEmpty()) {
        break;
      }
      switch (message.get()) {
        case Done(int index, var value) -> outcomes[index] = new Outcome.Ok<>(value);
        case Exit(var from, var reason) -> {
          Integer index = running.remove(from);
          if (index == null) {
            throw new ProcessExit(reason); // the caller's: the workers end with this one
          }
          if (outcomes[index] == null) {
            outcomes[index] = new Outcome.Exited<T>(reason);
          }
        }
        default -> {
          // not for us
        }
      }
    }
    running.keySet().forEach(worker -> self.exit(worker, ExitReason.KILL));
    return inOrder(outcomes);
  }

  private static <A, T> void work(
      Self<Object> self, Pid collector, int index, A request, TaskFunction<? super A, T> body) {
    T value =
        Objects.requireNonNull(
            Task.call(self, own -> body.apply(request)), "a result cannot be null");
    self.send(collector, new Done(index, value));
  }

  @SuppressWarnings("unchecked") // a TaskFunction<A, T> returns a T
  private static <T> List<Outcome<T>> inOrder(@Nullable Object[] outcomes) {
    var list = new ArrayList<Outcome<T>>(outcomes.length);
    Arrays.stream(outcomes)
        .forEach(
            outcome ->
                list.add(
                    outcome == null
                        ? new Outcome.Exited<>(ExitReason.TIMEOUT)
                        : (Outcome<T>) outcome));
    return List.copyOf(list);
  }
}
