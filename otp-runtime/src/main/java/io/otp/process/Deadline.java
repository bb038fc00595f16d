package io.otp.process;

import java.time.Duration;

/**
 * A point in time that several waits share: Erlang's <code>{abs, Time}</code>. Each is given what
 * is {@link #left}.
 *
 * {@snippet :
 * Deadline deadline = Deadline.in(Duration.ofSeconds(5), self.runtime());
 * Optional<Answer<Long>> mine = first.receiveResponse(self, deadline.left());
 * Optional<Answer<Long>> yours = second.receiveResponse(self, deadline.left());
 * }
 */
public final class Deadline {

  private final ProcessRuntime runtime;
  private final long nanoTime;

  private Deadline(ProcessRuntime runtime, long nanoTime) {
    this.runtime = runtime;
    this.nanoTime = nanoTime;
  }

  /**
   * The point in time that is {@code time} from now by the runtime's clock; a century or more is
   * never.
   */
  public static Deadline in(Duration time, ProcessRuntime runtime) {
    return new Deadline(runtime, runtime.deadline(time));
  }

  /**
   * How long it is until then; zero if it has passed, {@code Duration.ofSeconds(Long.MAX_VALUE)} if
   * it never comes.
   */
  public Duration left() {
    return runtime.left(nanoTime);
  }

  @Override
  public String toString() {
    return "Deadline[in " + left() + "]";
  }
}
