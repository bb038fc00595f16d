package io.otp.test;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A process that a test looks into: whatever is sent to it can be asserted. It traps exits, so
 * links and monitors show up as messages too.
 *
 * {@snippet :
 * ledger.send(new Subscribe(probe.pid()));
 * probe.receives(new Changed("joe", 500));
 * Ref monitor = probe.monitor(pid);
 * assertThat(probe.receives(Down.class).reason()).isEqualTo(ExitReason.KILLED);
 * }
 *
 * <p>A message that an assertion found is taken; others stay, in order. Assertions that something
 * comes wait up to {@link #PATIENCE}: long enough for a machine that is busy, and no longer than
 * needed elsewhere.
 */
public final class Probe {

  /** How long an assertion waits for a message. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Something that the probe's process is to do. */
  private record Command(Function<Self<Object>, Object> action, CompletableFuture<Object> result) {}

  /**
   * Commands are no messages: they hold code and a future, so they are passed by reference in an
   * agreed type.
   */
  @io.otp.process.Immutable
  private record Do(Command command) {}

  private final ProcessRuntime runtime;
  private final Duration patience;
  private final Pid pid;
  private final List<Object> received = new ArrayList<>(); // guarded by itself

  Probe(ProcessRuntime runtime, Duration patience) {
    this.runtime = runtime;
    this.patience = patience;
    var ready = new CompletableFuture<Pid>();
    this.pid = runtime.spawn(self -> run(self, ready));
    get(ready, patience);
  }

  private void run(Self<Object> self, CompletableFuture<Pid> ready) {
    self.trapExits(true);
    self.label("probe");
    ready.complete(self.pid());
    while (true) {
      Object message = self.receive();
      if (message instanceof Do(var command)) {
        try {
          command.result.complete(command.action.apply(self));
        } catch (RuntimeException e) {
          command.result.completeExceptionally(e);
        }
      } else {
        synchronized (received) {
          received.add(message);
          received.notifyAll();
        }
      }
    }
  }

  /** Its address. */
  public Pid pid() {
    return pid;
  }

  /**
   * Does something as the probe's process and returns the result.
   *
   * @param action must not wait for messages
   */
  @SuppressWarnings("unchecked")
  public <T> T as(Function<Self<Object>, T> action) {
    var result = new CompletableFuture<Object>();
    runtime.send(pid, new Do(new Command(self -> action.apply(self), result)));
    return (T) get(result, patience);
  }

  /** Monitors a process; its {@code Down} is received here. */
  public Ref monitor(Pid other) {
    return as(self -> self.monitor(other));
  }

  /** Links to a process; its {@code Exit} is received here. */
  public void link(Pid other) {
    as(
        self -> {
          self.link(other);
          return true;
        });
  }

  /** Asserts that a message equal to {@code expected} is or comes in. */
  public void receives(Object expected) {
    receives(expected::equals, String.valueOf(expected));
  }

  /** Asserts that a message of {@code type} is or comes in, and returns it. */
  public <T> T receives(Class<T> type) {
    return type.cast(receives(type::isInstance, "a " + type.getSimpleName()));
  }

  /**
   * Asserts that a message which satisfies {@code condition} is or comes in, and returns it.
   *
   * @param description what is expected, for the failure's text
   */
  public Object receives(Predicate<Object> condition, String description) {
    Object found = take(condition, patience);
    if (found == null) {
      throw new AssertionError(
          "Expected "
              + description
              + " within "
              + patience.toMillis()
              + " ms, but the mailbox holds "
              + mailbox());
    }
    return found;
  }

  /** Asserts that nothing is in the mailbox and nothing comes for {@code time}; keep it short. */
  public void receivesNothing(Duration time) {
    Object found = take(message -> true, time);
    if (found != null) {
      throw new AssertionError("Expected nothing for " + time.toMillis() + " ms, but got " + found);
    }
  }

  /** What is in the mailbox, oldest first. */
  public List<Object> mailbox() {
    synchronized (received) {
      return List.copyOf(received);
    }
  }

  private @org.jspecify.annotations.Nullable Object take(
      Predicate<Object> condition, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (received) {
      while (true) {
        for (Iterator<Object> i = received.iterator(); i.hasNext(); ) {
          Object message = i.next();
          if (condition.test(message)) {
            i.remove();
            return message;
          }
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return null;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(received, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new AssertionError("interrupted", e);
        }
      }
    }
  }

  private static <T> T get(CompletableFuture<T> future, Duration limit) {
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (TimeoutException e) {
      throw new AssertionError("The probe did not answer within " + limit, e);
    }
  }
}
