package io.otp.event;

import io.otp.process.Down;
import io.otp.process.Immutable;
import io.otp.process.Info;
import io.otp.process.MailboxFullException;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends every event to another process, as it is: a server handles one that is a cast of its own,
 * and sees any other in {@code handleInfo}. So work that takes long does not hold up the manager.
 *
 * {@snippet :
 * manager.addHandler(HandlerSpec.of(ForwardHandler.INSTANCE, To.pid(billing)).withId("billing"));
 * }
 *
 * <p>One that forwards to a pid goes when that process ends; one that forwards to a name stays, and
 * drops what comes while nobody has the name. An event that the receiver's bounded mailbox refuses
 * is dropped too; a bound that blocks holds up the manager.
 */
public final class ForwardHandler
    implements EventHandler<ForwardHandler.To, Object, ForwardHandler.State> {

  /** The handler; it holds nothing. */
  public static final ForwardHandler INSTANCE = new ForwardHandler();

  /**
   * Whom to forward to: either of the two.
   *
   * @param pid a process, {@code null} if there is a name
   * @param name a registered name, {@code null} if there is a pid
   */
  public record To(@Nullable Pid pid, @Nullable String name) {

    /** Checks that there is one of the two. */
    public To {
      if ((pid == null) == (name == null)) {
        throw new IllegalArgumentException(
            "A ForwardHandler forwards to a pid or to a name, not to " + pid + " and " + name);
      }
    }

    /** A process. */
    public static To pid(Pid pid) {
      return new To(Objects.requireNonNull(pid), null);
    }

    /** Whoever has the name when an event comes. */
    public static To name(String name) {
      return new To(null, Objects.requireNonNull(name));
    }
  }

  /** Whom it forwards to, and the monitor of that if it is a process. */
  @Immutable
  public static final class State {
    private final To to;
    private final @Nullable Ref monitor;

    private State(To to, @Nullable Ref monitor) {
      this.to = to;
      this.monitor = monitor;
    }

    @Override
    public String toString() {
      return to.toString();
    }
  }

  private ForwardHandler() {}

  @Override
  public State init(To to, Self<Object> self) {
    return new State(to, to.pid() == null ? null : self.monitor(to.pid()));
  }

  @Override
  public Handled<State> handleEvent(Object event, State state, Self<Object> self) {
    Pid pid = state.to.pid();
    String name = state.to.name();
    if (pid == null && name != null) {
      pid = self.runtime().whereis(name).orElse(null);
    }
    if (pid != null) {
      try {
        self.send(pid, event);
      } catch (MailboxFullException e) {
        // The receiver's policy: it does not want more.
      }
    }
    return Handled.ok(state);
  }

  @Override
  public Handled<State> handleInfo(Info info, State state, Self<Object> self) {
    return info instanceof Down(var ref, _, _) && state.monitor != null && state.monitor.equals(ref)
        ? Handled.remove()
        : Handled.ok(state);
  }

  @Override
  public Object terminate(TerminateReason reason, State state, Self<Object> self) {
    if (state.monitor != null) {
      self.demonitorFlush(state.monitor);
    }
    return state.to;
  }
}
