package io.otp.snippets;

import io.otp.process.Behaviour;
import io.otp.process.Call;
import io.otp.process.CallbackModule;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.process.SystemEvent;
import io.otp.process.SystemMessage;
import io.otp.server.StartResult;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A special process: a bucket of tokens, with one more each period. Shown in special-processes.md.
 */
final class TokenBucket extends Behaviour {

  /** Takes a token; {@code false} if there is none. */
  record Take() implements Call<Object, Boolean> {}

  /** Its state: what tools see, and what a new version converts. */
  record State(int tokens, int capacity) {
    State withTokens(int left) {
      return new State(Math.clamp(left, 0, capacity), capacity);
    }
  }

  private enum Started implements Call<Object, Call.Ok> {
    STARTED
  }

  private static final CallbackModule MODULE = CallbackModule.of("TokenBucket", "special");
  private static final String REFILL = "refill";

  private final Duration period;
  private State state;

  private TokenBucket(int capacity, Duration period) {
    this.period = period;
    this.state = new State(capacity, capacity);
  }

  // --- starting, as a supervisor wants it

  static StartResult startLink(Self<?> self, int capacity, Duration period) {
    ProcLib.Start start =
        ProcLib.start(
            self, new TokenBucket(capacity, period), SpawnOptions.LINK, Started.STARTED, null);
    return start.failure() == null
        ? new StartResult.Started(start.pid(), null)
        : new StartResult.Failed(start.failure());
  }

  @Override
  protected CallbackModule module() {
    return MODULE;
  }

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    self.sendInterval(period, REFILL);
    return null;
  }

  // --- messages

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    if (request.message() == Started.STARTED) {
      request.reply(Call.Ok.OK); // init_ack
      return null;
    }
    if (request.message() instanceof Take) {
      tell(new SystemEvent.In("call", request.message(), request.caller(), null), self);
      boolean taken = state.tokens() > 0;
      state = state.withTokens(state.tokens() - 1);
      request.reply(taken);
      tell(new SystemEvent.Out(taken, request.caller(), state), self);
    }
    return null;
  }

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    return null;
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    if (info instanceof Info.Message(var message) && message.equals(REFILL)) {
      tell(new SystemEvent.In("info", message, null, null), self);
      state = state.withTokens(state.tokens() + 1);
    }
    return info instanceof io.otp.process.Exit(Pid from, var reason) && isParent(from, self)
        ? reason
        : null;
  }

  // --- sys

  private static void tell(SystemEvent event, Self<Object> self) {
    if (isDebugged(self)) {
      debug(event, self);
    }
  }

  @Override
  protected Object systemGetState() {
    return state;
  }

  @Override
  protected Object systemReplaceState(UnaryOperator<Object> change, Self<Object> self) {
    state = (State) change.apply(state);
    return state;
  }

  @Override
  protected void systemCodeChange(SystemMessage.ChangeCode change, Self<Object> self) {
    if (change.extra() instanceof Integer capacity) {
      state = new State(Math.min(state.tokens(), capacity), capacity);
    }
  }

  @Override
  protected ExitReason systemTerminate(ExitReason reason, Self<Object> self) {
    return reason; // the place to clean up
  }

  @Override
  protected @Nullable Object status() {
    return state;
  }
}
