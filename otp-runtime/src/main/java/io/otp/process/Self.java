package io.otp.process;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a process may do as itself. Every callback gets it as its last argument and the body of a
 * raw process as its only one; it works on the thread that runs the process and nowhere else.
 *
 * {@snippet :
 * Pid worker = runtime.spawn(self -> {
 *   Optional<Integer> answer = self.receive(Duration.ofSeconds(5), message -> switch (message) {
 *     case Ack(var n) -> Receive.take(n);
 *     default -> Receive.skip();              // stays queued, order kept
 *   });
 * });
 * }
 *
 * <p>Every method throws {@link IllegalStateException} if another thread than the process's own
 * calls it, and {@link ProcessKilledError} once the process has been ended from outside: let it
 * pass.
 *
 * @param <M> the messages of the process
 */
public interface Self<M> {

  /** The address of this process. */
  Pid pid();

  /** The runtime this process lives in. */
  ProcessRuntime runtime();

  /**
   * Sends a message: Erlang's {@code Pid ! Message}. Nothing happens if the process is gone.
   *
   * @param to the receiver; may be this process
   * @param message immutable
   * @throws MutableMessageException if the message cannot be shown immutable
   * @throws MailboxFullException if the receiver's mailbox is bounded, full, and its policy refuses
   */
  void send(Pid to, Object message);

  /**
   * Sends a message to a registered name.
   *
   * @throws NoSuchNameException if nobody has the name, as Erlang's {@code badarg}
   */
  void send(String to, Object message);

  /** Sends a message to an alias; nothing happens if it is closed. Passes every bound. */
  void send(Alias to, Object message);

  // --- life

  /** Starts a process with its own thread; see {@link ProcessRuntime#spawn(Consumer)}. */
  Pid spawn(Consumer<Self<Object>> body);

  /** Starts a process and links to it, atomically. */
  Pid spawnLink(Consumer<Self<Object>> body);

  /** Starts a process and monitors it, atomically. */
  Monitored spawnMonitor(Consumer<Self<Object>> body);

  /**
   * Starts a process that runs {@code behaviour} on demand; {@link SpawnOptions} may link, monitor
   * and name it.
   */
  Monitored spawn(Behaviour behaviour, SpawnOptions options);

  /**
   * A process and a monitor on it.
   *
   * @param pid the process
   * @param ref the monitor, {@code null} if none was asked for
   */
  record Monitored(Pid pid, @Nullable Ref ref) {}

  /**
   * Sends an exit signal: Erlang's {@code exit/2}. To oneself it takes effect before this returns,
   * also with {@code normal}.
   *
   * @param reason {@link ExitReason#KILL} cannot be trapped; {@code normal} is ignored by a process
   *     that does not trap exits
   */
  void exit(Pid to, ExitReason reason);

  /**
   * Whether exit signals arrive as {@link Exit} messages instead of ending this process; {@code
   * false} at first.
   *
   * @return what it was before
   */
  boolean trapExits(boolean trap);

  // --- links and monitors

  /**
   * Links this process with another: when one ends, the other gets an exit signal. A second link to
   * the same process changes nothing.
   *
   * @throws ProcessExit with {@code noproc} if there is no such process and this one does not trap
   *     exits; if it does, an {@link Exit} with {@code noproc} arrives instead
   */
  void link(Pid other);

  /**
   * Ends a link. After it returns no exit signal of that link arrives; one that is in the mailbox
   * stays there.
   */
  void unlink(Pid other);

  /**
   * Monitors a process: one {@link Down} arrives when it ends, at once with {@code noproc} if it is
   * gone already.
   */
  Ref monitor(Pid other);

  /** Monitors the process that has {@code name} now; the {@link Down} names the name. */
  Ref monitor(String name);

  /**
   * Monitors a process; the monitor is also an address that the process may answer to: {@code
   * monitor/3} with the option {@code alias}.
   *
   * @param mode what closes that address; not {@link Alias.Mode#REPLY}
   */
  Alias monitor(Pid other, Alias.Mode mode);

  /**
   * Makes an address of this process that can be closed.
   *
   * @param mode {@link Alias.Mode#EXPLICIT_UNALIAS} or {@link Alias.Mode#REPLY}
   * @throws IllegalArgumentException if {@code mode} is one for monitors
   */
  Alias alias(Alias.Mode mode);

  /** Makes an address of this process that stays open until it is closed with {@link #unalias}. */
  default Alias alias() {
    return alias(Alias.Mode.EXPLICIT_UNALIAS);
  }

  /**
   * Closes an alias. After it returns no message that is sent to it arrives; one that is in the
   * mailbox stays there.
   *
   * @return whether it was open and belongs to this process; otherwise nothing happens
   */
  boolean unalias(Alias alias);

  /**
   * Ends a monitor. After it returns no {@link Down} of it arrives; one that is in the mailbox
   * stays there.
   *
   * @return whether the monitor was still active
   * @throws IllegalArgumentException if the monitor belongs to another process
   */
  boolean demonitor(Ref ref);

  /**
   * Ends a monitor and takes its {@link Down} out of the mailbox if it is there: {@code
   * demonitor(Ref, [flush])}.
   */
  boolean demonitorFlush(Ref ref);

  // --- names

  /**
   * Registers this process under a name.
   *
   * @throws NameTakenException if the name is taken or this process has a name already
   */
  void register(String name);

  /** Gives the name of this process free; nothing happens if it has none. */
  void unregister();

  /**
   * A short text shown wherever this process is shown, at most 100 characters: Erlang's process
   * label.
   */
  void label(String text);

  // --- receive, time

  /**
   * Takes a message out of the mailbox: the oldest that {@code clauses} takes. Those it skips stay,
   * in order.
   *
   * <p>Cost is linear in the messages skipped. Inside a behaviour's callback it blocks that
   * behaviour, as in OTP; a call to a server is not answered by it and never shows up here.
   *
   * @param timeout from now on, zero looks once through the mailbox; see {@link #receive(Function)}
   *     for no timeout
   * @param clauses {@link Receive#take} or {@link Receive#skip} for each message: plain messages,
   *     {@link Exit}, {@link Down}, {@link TimerExpired}, {@link Response}
   * @return what the clause took, empty after the timeout
   * @throws IllegalArgumentException if {@code timeout} is negative
   */
  <T> Optional<T> receive(Duration timeout, Function<Object, Receive<T>> clauses);

  /** Receives without a timeout. */
  <T> T receive(Function<Object, Receive<T>> clauses);

  /** Receives the oldest message, whatever it is. */
  Object receive();

  /** Waits without holding a thread that others need. Ends early only with the process. */
  void sleep(Duration time);

  /**
   * Sends {@code message} to this process after {@code delay}.
   *
   * @return the timer, see {@link ProcessRuntime#cancelTimer}
   * @throws IllegalArgumentException if {@code delay} is negative
   */
  Ref sendAfter(Duration delay, M message);

  /**
   * Sends {@code message} to another process after {@code delay}; nothing happens if it is gone
   * then.
   */
  Ref sendAfter(Duration delay, Pid to, Object message);

  /**
   * After {@code delay} a {@link TimerExpired} with the returned reference arrives: {@code
   * erlang:start_timer/3}.
   */
  Ref startTimer(Duration delay, Object message);

  /**
   * Sends {@code message} to this process every {@code period}, until it is cancelled or this
   * process ends: {@code timer:send_interval/2}. It does not drift.
   *
   * <p>Unlike in OTP, messages that could not be sent in time because the machine stood still are
   * not made up for.
   *
   * @param period at least a millisecond
   */
  Ref sendInterval(Duration period, M message);

  /**
   * Sends an exit signal from this process after {@code delay}: {@code timer:exit_after/3}, {@code
   * timer:kill_after/2}.
   */
  Ref exitAfter(Duration delay, Pid to, ExitReason reason);

  /**
   * Cancels a timer, whoever started it.
   *
   * @return the time that was left, empty if it has fired, was cancelled or its receiver is gone;
   *     empty does not say that the message has been received yet
   */
  Optional<Duration> cancelTimer(Ref timer);

  // --- calls

  /**
   * Whom to answer the call that is being handled.
   *
   * @throws IllegalArgumentException if {@code request} is not the call that is being handled
   */
  <R> From<R> from(Call<? super M, R> request);

  /**
   * Sends a call and returns at once; a {@link Response} with the returned reference arrives when
   * there is a reply, or when it is clear that there will be none. See {@code
   * ServerRef.sendRequest}, which knows the type of the reply.
   */
  default Ref sendRequest(ProcessRuntime.Address to, Object request) {
    return runtime().sendRequest(to, request);
  }

  /**
   * Lets others run if this callback has run for long; call it in loops that compute. Also the
   * place where a kill takes effect.
   */
  void checkpoint();

  /** The process dictionary: a value under {@code key}, or {@code null}. */
  @Nullable Object get(Object key);

  /** Puts a value into the process dictionary and returns the one before; {@code null} erases. */
  @Nullable Object put(Object key, @Nullable Object value);
}
