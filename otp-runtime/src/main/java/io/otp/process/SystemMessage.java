package io.otp.process;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A request of the {@code sys} protocol, which every behaviour obeys between two messages. Sent
 * with {@link Sys}.
 */
public sealed interface SystemMessage {

  /** Handle nothing but system messages from now on. */
  record Suspend() implements SystemMessage {}

  /** Go on. */
  record Resume() implements SystemMessage {}

  /**
   * Reply, to show that messages are being handled. Unlike other system messages it leaves the
   * timeout alone that a behaviour waits for.
   */
  record Ping() implements SystemMessage {}

  /** Reply with the state. */
  record GetState() implements SystemMessage {}

  /** Reply with a {@link Sys.Status}. */
  record GetStatus() implements SystemMessage {}

  /**
   * Replace the state by what {@code change} makes of it, and reply with it.
   *
   * @param change a function without side effects
   */
  record ReplaceState(UnaryOperator<Object> change) implements SystemMessage {}

  /**
   * End with {@code reason}, as if the behaviour had decided so.
   *
   * @param reason why
   */
  record Terminate(ExitReason reason) implements SystemMessage {}

  /**
   * Convert the state of a suspended process.
   *
   * @param module the class whose code has changed, {@code null}: the process's own; only an event
   *     manager, whose code is that of its handlers, needs it
   * @param oldVersion the version that the state is of
   * @param extra what the upgrade instruction carries
   */
  record ChangeCode(@Nullable String module, String oldVersion, @Nullable Object extra)
      implements SystemMessage {}

  /** Begin or end to tell of events, or reply with what was told. */
  sealed interface Debug extends SystemMessage {

    /** Events become log lines, or no longer. */
    record Trace(boolean on) implements Debug {}

    /** The last events are kept, {@code 0}: no longer. */
    record Log(int size) implements Debug {}

    /** Reply with the events kept. */
    record GetLog() implements Debug {}

    /** Messages are counted, or no longer. */
    record Statistics(boolean on) implements Debug {}

    /** Reply with the counts. */
    record GetStatistics() implements Debug {}

    /** {@code function} is called for each event. */
    record Install(String id, Sys.DebugFunction<?> function, Object state) implements Debug {}

    /** The function is called no more. */
    record Remove(String id) implements Debug {}

    /** None of all that any more. */
    record NoDebug() implements Debug {}
  }

  /**
   * The reply to a system message that was not obeyed.
   *
   * @param why text
   */
  record Refused(String why) {}
}
