package io.otp.server;

import io.otp.process.CallTrace;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Self;
import org.jspecify.annotations.Nullable;

/** A server whose callbacks are traced. */
record TracedServer(ArgsGenServer<Object, Object, Object> code, CallTrace trace)
    implements ArgsGenServer<Object, Object, Object> {

  @Override
  public Object init(Object args, Self<Object> self) throws Exception {
    return trace.call(code, "init", args, () -> code.init(args, self));
  }

  @Override
  public Next<Object> started(Object state, Self<Object> self) throws Exception {
    return trace.call(code, "started", null, () -> code.started(state, self));
  }

  @Override
  public Next<Object> handle(Object message, Object state, Self<Object> self) throws Exception {
    return trace.call(code, "handle", message, () -> code.handle(message, state, self));
  }

  @Override
  public Next<Object> handleInfo(Info info, Object state, Self<Object> self) throws Exception {
    return trace.call(code, "handleInfo", info, () -> code.handleInfo(info, state, self));
  }

  @Override
  public Next<Object> handleContinue(Object continuation, Object state, Self<Object> self)
      throws Exception {
    return trace.call(
        code, "handleContinue", continuation, () -> code.handleContinue(continuation, state, self));
  }

  @Override
  public void terminate(ExitReason reason, Object state, Self<Object> self) throws Exception {
    trace.<@Nullable Object>call(
        code,
        "terminate",
        reason,
        () -> {
          code.terminate(reason, state, self);
          return null;
        });
  }

  @Override
  public Object codeChange(
      String oldVersion, Object state, @Nullable Object extra, Self<Object> self) throws Exception {
    return trace.call(
        code, "codeChange", oldVersion, () -> code.codeChange(oldVersion, state, extra, self));
  }
}
