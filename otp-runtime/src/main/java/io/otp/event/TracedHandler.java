package io.otp.event;

import io.otp.process.Call;
import io.otp.process.CallTrace;
import io.otp.process.Info;
import io.otp.process.Self;
import org.jspecify.annotations.Nullable;

/** A handler whose callbacks are traced. */
record TracedHandler(EventHandler<Object, Object, Object> code, CallTrace trace)
    implements EventHandler<Object, Object, Object> {

  @Override
  public Object init(Object args, Self<Object> self) throws Exception {
    return trace.call(code, "init", args, () -> code.init(args, self));
  }

  @Override
  public Object takeOver(HandlerEnd predecessor, Object args, Self<Object> self) throws Exception {
    return trace.call(code, "takeOver", args, () -> code.takeOver(predecessor, args, self));
  }

  @Override
  public Handled<Object> handleEvent(Object event, Object state, Self<Object> self)
      throws Exception {
    return trace.call(code, "handleEvent", event, () -> code.handleEvent(event, state, self));
  }

  @Override
  public Handled<Object> handleCall(Call<?, ?> query, Object state, Self<Object> self)
      throws Exception {
    return trace.call(code, "handleCall", query, () -> code.handleCall(query, state, self));
  }

  @Override
  public Handled<Object> handleInfo(Info info, Object state, Self<Object> self) throws Exception {
    return trace.call(code, "handleInfo", info, () -> code.handleInfo(info, state, self));
  }

  @Override
  public Object terminate(TerminateReason reason, Object state, Self<Object> self)
      throws Exception {
    return trace.call(code, "terminate", reason, () -> code.terminate(reason, state, self));
  }

  @Override
  public Object codeChange(
      String oldVersion, Object state, @Nullable Object extra, Self<Object> self) throws Exception {
    return trace.call(
        code, "codeChange", oldVersion, () -> code.codeChange(oldVersion, state, extra, self));
  }
}
