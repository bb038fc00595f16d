package io.otp.statem;

import io.otp.process.CallbackModule;
import io.otp.server.GenProcess;
import io.otp.server.ServerOptions;
import java.lang.reflect.Method;

/**
 * A machine's callbacks and what the runtime knows of them; shared by all processes that run the
 * same callback object.
 *
 * <p>The last one made of each class is kept with the class itself, so that what was learnt of the
 * code (does it block?) outlives one start, and the class can be unloaded.
 */
final class MachineCode implements Engine.Module {

  private static final ClassValue<MachineCode[]> LAST =
      new ClassValue<>() {
        @Override
        protected MachineCode[] computeValue(Class<?> type) {
          return new MachineCode[1];
        }
      };

  final StateMachine<Object, Object, Object, Object> callbacks;
  final ServerOptions options;
  final CallbackModule module;
  private final boolean enters;

  @SuppressWarnings("unchecked")
  private MachineCode(StateMachine<?, ?, ?, ?> callbacks) {
    this.callbacks = (StateMachine<Object, Object, Object, Object>) callbacks;
    this.options = callbacks.options();
    this.enters = overridesEnter(callbacks.getClass());
    this.module = GenProcess.moduleOf(callbacks, "gen_statem", options);
  }

  static MachineCode of(StateMachine<?, ?, ?, ?> callbacks) {
    MachineCode[] last = LAST.get(callbacks.getClass());
    MachineCode code = last[0];
    if (code == null || code.callbacks != callbacks) {
      last[0] = code = new MachineCode(callbacks);
    }
    return code;
  }

  private static boolean overridesEnter(Class<?> type) {
    for (Method method : type.getMethods()) {
      if (method.getName().equals("enter")
          && method.getParameterCount() == 4
          && Transition.class.isAssignableFrom(method.getReturnType())
          && method.getDeclaringClass() != StateMachine.class) {
        return true;
      }
    }
    return false;
  }

  /** A state enter call that does nothing need not be made. */
  @Override
  public boolean entersStates() {
    return enters;
  }

  /** OTP's callback mode. */
  String mode() {
    return callbacks instanceof StateFunctions<?, ?, ?, ?>
        ? "state_functions"
        : "handle_event_function";
  }

  @Override
  public String toString() {
    return module.name();
  }
}
