package io.otp.statem;

import io.otp.process.CallTrace;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Self;
import org.jspecify.annotations.Nullable;

/** A machine whose callbacks are traced. */
record TracedMachine(StateMachine<Object, Object, Object, Object> code, CallTrace trace)
    implements StateMachine<Object, Object, Object, Object> {

  @Override
  public Initial<Object, Object> init(Object args, Self<Object> self) throws Exception {
    return trace.call(code, "init", args, () -> code.init(args, self));
  }

  @Override
  public Transition<Object, Object> handle(On<Object, Object> on, Object data, Self<Object> self)
      throws Exception {
    return trace.call(code, "handle", on, () -> code.handle(on, data, self));
  }

  @Override
  public Transition<Object, Object> handleInfo(
      Info info, Object state, Object data, Self<Object> self) throws Exception {
    return trace.call(code, "handleInfo", info, () -> code.handleInfo(info, state, data, self));
  }

  @Override
  public Transition.Stay<Object, Object> enter(
      Object from, Object state, Object data, Self<Object> self) throws Exception {
    return trace.call(code, "enter", state, () -> code.enter(from, state, data, self));
  }

  @Override
  public void terminate(ExitReason reason, Object state, Object data, Self<Object> self)
      throws Exception {
    trace.<@Nullable Object>call(
        code,
        "terminate",
        reason,
        () -> {
          code.terminate(reason, state, data, self);
          return null;
        });
  }

  @Override
  public StateData<Object, Object> codeChange(
      String oldVersion, Object state, Object data, @Nullable Object extra, Self<Object> self)
      throws Exception {
    return trace.call(
        code,
        "codeChange",
        oldVersion,
        () -> code.codeChange(oldVersion, state, data, extra, self));
  }
}
