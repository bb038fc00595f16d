package io.otp.server;

import io.otp.process.CallbackModule;

/**
 * A server's callbacks and what the runtime knows of them; shared by all processes that run the
 * same callback object.
 *
 * <p>The last one made of each class is kept with the class itself, so that what was learnt of the
 * code (does it block?) outlives one start, and the class can be unloaded.
 */
final class ServerCode {

  private static final ClassValue<ServerCode[]> LAST =
      new ClassValue<>() {
        @Override
        protected ServerCode[] computeValue(Class<?> type) {
          return new ServerCode[1];
        }
      };

  final ArgsGenServer<Object, Object, Object> callbacks;
  final ServerOptions options;
  final CallbackModule module;

  @SuppressWarnings("unchecked")
  private ServerCode(ArgsGenServer<?, ?, ?> callbacks) {
    this.callbacks = (ArgsGenServer<Object, Object, Object>) callbacks;
    this.options = callbacks.options();
    this.module = GenProcess.moduleOf(callbacks, "gen_server", options);
  }

  static ServerCode of(ArgsGenServer<?, ?, ?> callbacks) {
    ServerCode[] last = LAST.get(callbacks.getClass());
    ServerCode code = last[0];
    if (code == null || code.callbacks != callbacks) {
      last[0] = code = new ServerCode(callbacks);
    }
    return code;
  }

  @Override
  public String toString() {
    return module.name();
  }
}
