package io.otp.autoconfigure.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.otp.process.BehaviourCounters;
import io.otp.process.ExitReason;
import io.otp.process.MessageContext;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Lets a trace go on in the callbacks of the messages that are sent under it, and the logging
 * context too. One observation {@code otp.call} for each call and one {@code otp.handle} for each
 * handled message, but only where the sender is observed: a node does not make traces of its own.
 */
final class ObservedMessages implements MessageContext {

  /** What goes with a message. */
  private record Carried(@Nullable Observation parent, @Nullable Map<String, String> mdc) {}

  private final ObservationRegistry registry;
  private final boolean mdc;

  ObservedMessages(ObservationRegistry registry, boolean mdc) {
    this.registry = registry;
    this.mdc = mdc;
  }

  @Override
  public @Nullable Object capture() {
    return carried(current());
  }

  private @Nullable Observation current() {
    Observation current = registry.getCurrentObservation();
    return current == null || current.isNoop() ? null : current;
  }

  private @Nullable Carried carried(@Nullable Observation parent) {
    Map<String, String> map = mdc ? MDC.getCopyOfContextMap() : null;
    boolean empty = map == null || map.isEmpty();
    return parent == null && empty ? null : new Carried(parent, empty ? null : map);
  }

  // --- calls

  @Override
  public @Nullable CallInProgress call(String to, Object message) {
    Observation current = current();
    if (current == null) {
      return null;
    }
    String name = nameOf(message);
    Observation call =
        Observation.createNotStarted("otp.call", registry)
            .parentObservation(current)
            .contextualName("call " + name)
            .lowCardinalityKeyValue("otp.message", name)
            .highCardinalityKeyValue("otp.to", to)
            .start();
    return new Call(call, carried(call));
  }

  private record Call(Observation observation, @Nullable Object captured)
      implements CallInProgress {

    @Override
    public void ended(@Nullable ExitReason failure) {
      stop(observation, failure, failure != null);
    }
  }

  // --- callbacks

  @Override
  public CallbackScope callback(Object captured, Pid pid, BehaviourCounters of, Object message) {
    Carried carried = (Carried) captured;
    if (carried.mdc != null) {
      MDC.setContextMap(carried.mdc);
    }
    if (carried.parent == null) {
      return _ -> MDC.clear();
    }
    String name = nameOf(message);
    String application = of.application();
    Observation handle =
        Observation.createNotStarted("otp.handle", registry)
            .parentObservation(carried.parent)
            .contextualName("handle " + name)
            .lowCardinalityKeyValue("otp.behaviour", of.module())
            .lowCardinalityKeyValue("otp.application", application == null ? "none" : application)
            .lowCardinalityKeyValue("otp.message", name)
            .highCardinalityKeyValue("otp.pid", pid.toString())
            .start();
    Observation.Scope scope = handle.openScope();
    return exit -> {
      scope.close();
      stop(handle, exit, exit != null && exit.isAbnormal());
      MDC.clear();
    };
  }

  private static void stop(Observation observation, @Nullable ExitReason reason, boolean failed) {
    observation.lowCardinalityKeyValue("otp.outcome", outcome(reason));
    if (failed && reason != null) {
      observation.error(new ProcessExit(reason));
    }
    observation.stop();
  }

  /** A word: tags of meters are made of it. */
  private static String outcome(@Nullable ExitReason reason) {
    return switch (reason) {
      case null -> "ok";
      case ExitReason.Normal _, ExitReason.Shutdown _, ExitReason.ShutdownWith _ -> "stop";
      case ExitReason.Timeout _ -> "timeout";
      case ExitReason.NoProcess _ -> "noproc";
      case ExitReason.Crash _ -> "crash";
      default -> "exit";
    };
  }

  private static String nameOf(Object message) {
    Class<?> type = message.getClass();
    return type.isHidden() ? "lambda" : type.getSimpleName();
  }
}
