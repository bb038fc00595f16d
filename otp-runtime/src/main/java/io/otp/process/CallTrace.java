package io.otp.process;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Tells tracers of the callbacks of one process while they are called. For behaviours, see {@link
 * Behaviour#callTrace}; an instance is for the message that is being handled.
 */
public final class CallTrace {

  private final Tracing tracing;
  private final Process process;

  CallTrace(Tracing tracing, Process process) {
    this.tracing = tracing;
    this.process = process;
  }

  /**
   * Calls {@code callback} and tells of it before and after.
   *
   * @param code the callback module
   * @param function its function
   * @param argument what it is called with, as far as it matters
   * @throws Exception what {@code callback} throws
   */
  public <T extends @Nullable Object> T call(
      Object code, String function, @Nullable Object argument, Callable<T> callback)
      throws Exception {
    String called = CallbackModule.nameOf(code.getClass()) + ":" + function;
    tracing.tell(process, Tracer.Kind.CALL, called, argument);
    T result;
    try {
      result = callback.call();
    } catch (Throwable t) {
      tracing.tell(process, Tracer.Kind.EXCEPTION_FROM, called, ExitReason.of(t));
      throw t;
    }
    tracing.tell(process, Tracer.Kind.RETURN_FROM, called, result);
    return result;
  }
}
