package io.otp.process;

import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A behaviour that does what it is sent: each {@link Do} and {@link Ask} carries the code to run.
 */
class TestBehaviour extends Behaviour {

  /** Runs in the process; returns the reason to end with, or {@code null}. */
  @Immutable
  record Do(Function<Self<Object>, @Nullable ExitReason> action) implements Cast<Object> {}

  /** As a call. */
  @Immutable
  record Ask(BiFunction<Request, Self<Object>, @Nullable ExitReason> action)
      implements Call<Object, Object> {}

  interface Action {
    void run(Self<Object> self) throws Exception;
  }

  /** A module of one's own: what the runtime learns of one does not change how another runs. */
  static CallbackModule newModule() {
    return CallbackModule.of("TestBehaviour", "test");
  }

  private final CallbackModule callbackModule;
  private final Function<Self<Object>, @Nullable ExitReason> init;

  TestBehaviour() {
    this(newModule());
  }

  TestBehaviour(CallbackModule module) {
    this(module, self -> null);
  }

  TestBehaviour(CallbackModule module, Function<Self<Object>, @Nullable ExitReason> init) {
    this.callbackModule = module;
    this.init = init;
  }

  /** A message that runs {@code action}. */
  static Do run(Action action) {
    return new Do(
        self -> {
          try {
            action.run(self);
            return null;
          } catch (RuntimeException | Error e) {
            throw e;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Override
  protected CallbackModule module() {
    return callbackModule;
  }

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    return init.apply(self);
  }

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    return ((Do) message).action.apply(self);
  }

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    return ((Ask) request.message()).action.apply(request, self);
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    return null;
  }
}
