package io.otp.autoconfigure.tree;

import io.otp.process.ExitReason;
import io.otp.server.ArgsGenServer;
import io.otp.server.Startable;
import io.otp.statem.StateMachine;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.support.AopUtils;

/** What a server bean must not be, and what who writes one in Spring may not expect. */
final class ServerCheck {

  private static final Logger LOG = LoggerFactory.getLogger(ServerCheck.class);

  private ServerCheck() {}

  /**
   * Looks at a server before it is started.
   *
   * @param bean its name
   * @throws TreeConfigurationException if it is a proxy
   */
  static void check(String bean, Startable<?, ?> server) {
    if (AopUtils.isAopProxy(server)) {
      throw new TreeConfigurationException(
          "Server bean '"
              + bean
              + "' is wrapped in a proxy, "
              + server.getClass().getName()
              + ", because of an annotation such as @Transactional, @Async or @Cacheable, a scope"
              + " or an aspect. A server is never a proxy target: the runtime runs its callbacks"
              + " for processes, and transactions, caches and the like belong to the beans it works"
              + " with.",
          "Move what is annotated to a bean of its own, which '"
              + bean
              + "' gets by its constructor, or make the aspect pass over '"
              + bean
              + "'.");
    }
    if (!server.options().trapExits() && overridesTerminate(server)) {
      LOG.warn(
          "Server '{}' overrides terminate but does not trap exits, so terminate is not called when"
              + " its supervisor stops it (OTP's rule; it is no @PreDestroy). To have it called,"
              + " override options(): return ServerOptions.DEFAULT.withTrapExits(true);",
          bean);
    }
  }

  private static boolean overridesTerminate(Startable<?, ?> server) {
    return Arrays.stream(server.getClass().getMethods())
        .anyMatch(
            method ->
                method.getName().equals("terminate")
                    && method.getParameterCount() >= 3
                    && method.getParameterTypes()[0] == ExitReason.class
                    && method.getDeclaringClass() != ArgsGenServer.class
                    && method.getDeclaringClass() != StateMachine.class);
  }
}
