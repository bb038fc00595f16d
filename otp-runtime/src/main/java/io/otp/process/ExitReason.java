package io.otp.process;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why a process ended. Reasons are data: they compare by value, travel in {@link Exit} and {@link
 * Down} messages and are kept in reports, so they never hold a {@link Throwable} (see {@link
 * Thrown}).
 *
 * {@snippet :
 * switch (down.reason()) {
 *   case ExitReason.Normal _, ExitReason.Shutdown _, ExitReason.ShutdownWith _ -> log.info("done");
 *   case ExitReason.Crash(var kind, var cause) -> log.warn("crashed: {}", cause);
 *   case ExitReason reason -> log.warn("ended: {}", reason);
 * }
 * }
 *
 * <p>Unlike Erlang, where a reason is any term, the reasons OTP itself gives a meaning to are
 * types; a reason of your own is an {@link Other}.
 *
 * @see <a href="https://www.erlang.org/doc/system/ref_man_processes.html#errors">Erlang reference
 *     manual, Processes</a>
 */
public sealed interface ExitReason {

  /** The process finished what it had to do. */
  ExitReason NORMAL = new Normal();

  /** The process was asked to stop, usually by its supervisor. */
  ExitReason SHUTDOWN = new Shutdown();

  /**
   * Sent with {@link Self#exit(Pid, ExitReason)}, ends a process whatever it does; links of the
   * victim see {@link #KILLED}.
   */
  ExitReason KILL = new Kill();

  /** The process was ended by {@link #KILL}. */
  ExitReason KILLED = new Killed();

  /** There was no such process. */
  ExitReason NO_PROCESS = new NoProcess();

  /** The connection to the node of the process was lost. */
  ExitReason NO_CONNECTION = new NoConnection();

  /** No answer came in time. */
  ExitReason TIMEOUT = new Timeout();

  /** A server called itself. */
  ExitReason CALLING_SELF = new CallingSelf();

  /** {@code normal}. */
  record Normal() implements ExitReason {
    @Override
    public String toString() {
      return "normal";
    }
  }

  /** {@code shutdown}. */
  record Shutdown() implements ExitReason {
    @Override
    public String toString() {
      return "shutdown";
    }
  }

  /**
   * <code>{shutdown, Detail}</code>: an orderly end that says why.
   *
   * @param detail an immutable value
   */
  record ShutdownWith(Object detail) implements ExitReason {
    @Override
    public String toString() {
      return "{shutdown," + detail + "}";
    }
  }

  /**
   * {@code kill}: the signal; also the reason of a process that ends <em>itself</em> with it, which
   * links may trap.
   */
  record Kill() implements ExitReason {
    @Override
    public String toString() {
      return "kill";
    }
  }

  /** {@code killed}. */
  record Killed() implements ExitReason {
    @Override
    public String toString() {
      return "killed";
    }
  }

  /** {@code noproc}. */
  record NoProcess() implements ExitReason {
    @Override
    public String toString() {
      return "noproc";
    }
  }

  /** {@code noconnection}. */
  record NoConnection() implements ExitReason {
    @Override
    public String toString() {
      return "noconnection";
    }
  }

  /** {@code timeout}. */
  record Timeout() implements ExitReason {
    @Override
    public String toString() {
      return "timeout";
    }
  }

  /** {@code calling_self}. */
  record CallingSelf() implements ExitReason {
    @Override
    public String toString() {
      return "calling_self";
    }
  }

  /**
   * Something was thrown and not caught.
   *
   * @param kind whether it was an unchecked throwable ({@link Kind#ERROR}) or a checked exception
   *     ({@link Kind#THROW})
   * @param cause what was thrown, as data
   */
  record Crash(Kind kind, Thrown cause) implements ExitReason {

    /** Erlang's exception classes that end a process with a stack trace. */
    public enum Kind {
      /** {@code error}: a {@link RuntimeException} or an {@link Error}. */
      ERROR,
      /** {@code throw}: a checked exception, Erlang's <code>{nocatch, Term}</code>. */
      THROW
    }

    @Override
    public String toString() {
      return kind == Kind.THROW ? "{nocatch," + cause + "}" : cause.toString();
    }
  }

  /**
   * <code>{Reason, {gen_server, call, [Server, Request, Timeout]}}</code>: a call failed and its
   * caller did not catch that.
   *
   * @param reason why the call failed
   * @param server the server as it was named in the call
   * @param request the request
   * @param timeout the timeout as given, {@code null} where the caller gave none
   */
  record CallFailed(ExitReason reason, String server, Object request, @Nullable Duration timeout)
      implements ExitReason {
    @Override
    public String toString() {
      return "{"
          + reason
          + ",{call,["
          + server
          + ","
          + request
          + (timeout == null ? "" : "," + timeout)
          + "]}}";
    }
  }

  /**
   * Any other reason.
   *
   * @param term an immutable value
   */
  record Other(Object term) implements ExitReason {
    @Override
    public String toString() {
      return term.toString();
    }
  }

  /**
   * Returns the reason that {@code throwable} gives to the process it escapes from: the reason
   * carried by a {@link ProcessExit}, else a {@link Crash}.
   */
  static ExitReason of(Throwable throwable) {
    if (throwable instanceof ProcessExit exit) {
      return exit.reason();
    }
    boolean unchecked = throwable instanceof RuntimeException || throwable instanceof Error;
    return new Crash(unchecked ? Crash.Kind.ERROR : Crash.Kind.THROW, Thrown.of(throwable));
  }

  /** Returns {@code term} as a reason: itself if it is one, else an {@link Other}. */
  static ExitReason other(Object term) {
    return term instanceof ExitReason reason ? reason : new Other(term);
  }

  /**
   * Returns whether a {@code transient} child that ends so is restarted: every reason but {@code
   * normal}, {@code shutdown} and <code>{shutdown, Detail}</code>.
   */
  default boolean isAbnormal() {
    return !(this instanceof Normal || this instanceof Shutdown || this instanceof ShutdownWith);
  }
}
