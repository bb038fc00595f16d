package io.otp.application;

import io.otp.process.Self;
import org.jspecify.annotations.Nullable;

/**
 * The code of an application: OTP's behaviour {@code application}. It is stateless; its process,
 * the application master, keeps the state that {@link #start} returned and calls one method at a
 * time.
 *
 * {@snippet :
 * final class Shop implements Application<Shop.Settings, Instant> {
 *   record Settings(int tills) {}
 *
 *   public ApplicationStart<Instant> start(StartType type, Settings settings, Self<Object> self) {
 *     return ApplicationStart.of(Supervisor.startLink(self, tree(settings)), Instant.now());
 *   }
 *
 *   public void stop(Instant since, Self<Object> self) {
 *     System.out.println("open since " + since);
 *   }
 * }
 * }
 *
 * <p>An application that does nothing but start a supervisor needs no code: {@link
 * ApplicationSpec#withSupervisor}.
 *
 * @param <A> the start arguments
 * @param <S> the state
 * @see <a href="https://www.erlang.org/doc/apps/kernel/application.html">application</a>
 */
public interface Application<A, S> {

  /**
   * Starts the top supervisor, linked to the calling process: {@code Module:start/2}.
   *
   * @param args the start arguments of the {@link ApplicationSpec}
   * @param self the application master
   * @return the supervisor and a state, or why not; {@code null} fails with <code>
   *     {bad_return, null}</code>
   * @throws Exception the application has not started; the reason is what a process would end with
   *     that threw it
   */
  ApplicationStart<S> start(StartType type, A args, Self<Object> self) throws Exception;

  /**
   * One of the start phases of the {@link ApplicationSpec}, after {@link #start} has returned;
   * default does nothing. The start of the application is over when the last has returned.
   *
   * @param phase its name
   * @param args its arguments, {@code null} if it has none
   * @throws Exception the application has not started; its tree is stopped, {@link #prepStop} and
   *     {@link #stop} are not called
   */
  default void startPhase(String phase, StartType type, @Nullable Object args, Self<Object> self)
      throws Exception {}

  /**
   * The application is about to be stopped, or its tree has ended by itself: {@code
   * Module:prep_stop/1}. What it throws is reported and changes nothing.
   *
   * @return what {@link #stop} gets; the default is {@code state}
   */
  default S prepStop(S state, Self<Object> self) throws Exception {
    return state;
  }

  /**
   * The tree has ended; the place to clean up: {@code Module:stop/1}. Default does nothing. What it
   * throws is reported. Processes of the application that are left are killed after it.
   */
  default void stop(S state, Self<Object> self) throws Exception {}

  /**
   * The environment of the running application has changed, see {@link
   * ApplicationController#configChange}: {@code Module:config_change/3}. Default does nothing.
   *
   * @throws Exception is reported to who changed the configuration and keeps no other application
   *     from being told
   */
  default void configChange(ConfigChange change, S state, Self<Object> self) throws Exception {}
}
