package io.otp.server;

import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.MailboxFullException;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.process.Sys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Starts and stops servers and talks to several at once: {@code gen_server:start_link/3,4}, {@code
 * start}, {@code start_monitor}, {@code stop}, {@code multi_call} and {@code abcast}. Under a
 * supervisor servers are started by its child specifications.
 *
 * {@snippet :
 * StartResult result = GenServers.startLink(self, ledger, NoArgs.NO_ARGS, StartOptions.named("ledger"));
 * if (result instanceof StartResult.Started(var pid, _)) {
 *   GenServers.stop(ServerRef.of(self.runtime(), pid));
 * }
 * }
 */
public final class GenServers {

  private static final Duration INFINITY = Duration.ofSeconds(Long.MAX_VALUE);

  private GenServers() {}

  /**
   * How a server is started.
   *
   * @param name the name to register, {@code null} for none
   * @param timeout how long {@code init} may take, {@code null} for as long as it likes; then it is
   *     killed
   * @param label see {@link Self#label}
   * @param application the application it belongs to, {@code null} for that of the starter
   */
  public record StartOptions(
      @Nullable String name,
      @Nullable Duration timeout,
      @Nullable String label,
      @Nullable String application) {

    /** No name, no timeout. */
    public static final StartOptions NONE = new StartOptions(null, null, null, null);

    /** Checks the timeout. */
    public StartOptions {
      if (timeout != null && timeout.isNegative()) {
        throw new IllegalArgumentException(
            "A start timeout of " + timeout + " is not allowed, it must not be negative");
      }
    }

    /** With a name. */
    public static StartOptions named(String name) {
      return new StartOptions(name, null, null, null);
    }

    /** With a timeout for {@code init}. */
    public StartOptions withTimeout(Duration timeout) {
      return new StartOptions(name, timeout, label, application);
    }

    /** With a label. */
    public StartOptions withLabel(String label) {
      return new StartOptions(name, timeout, label, application);
    }

    /** As part of an application. */
    public StartOptions withApplication(String application) {
      return new StartOptions(name, timeout, label, application);
    }
  }

  // --- start

  /**
   * Starts a server that is linked to the calling process and waits until its {@code init} has
   * returned. If it cannot start, nothing of it is left when this returns: no process, no name, no
   * exit signal in the mailbox of a caller that traps exits. A caller that does not trap ends with
   * it, unless {@code init} was too slow or ended with {@code normal}.
   *
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#start_link/4">gen_server:start_link/4</a>
   */
  public static <A> StartResult startLink(
      Self<?> self, ArgsGenServer<A, ?, ?> server, A args, StartOptions options) {
    return start(self, server, args, options, true, false).result();
  }

  /**
   * Starts a server that is not linked to the calling process; its exit signals do not reach it,
   * and it is no parent.
   */
  public static <A> StartResult start(
      Self<?> self, ArgsGenServer<A, ?, ?> server, A args, StartOptions options) {
    return start(self, server, args, options, false, false).result();
  }

  /**
   * Starts a server that is not linked to the calling process but monitored by it from its first
   * instant on. If it cannot start, there is no monitor and no down message.
   */
  public static <A> Monitored startMonitor(
      Self<?> self, ArgsGenServer<A, ?, ?> server, A args, StartOptions options) {
    return start(self, server, args, options, false, true);
  }

  /**
   * What {@link #startMonitor} returns.
   *
   * @param result how the start went
   * @param monitor the monitor, {@code null} unless the server was started
   */
  public record Monitored(StartResult result, @Nullable Ref monitor) {}

  /** Starts a server from a thread that is no process. */
  public static <A> StartResult start(
      ProcessRuntime runtime, ArgsGenServer<A, ?, ?> server, A args, StartOptions options) {
    return GenProcess.start(runtime, options, () -> process(server, args, options));
  }

  private static Monitored start(
      Self<?> self,
      ArgsGenServer<?, ?, ?> server,
      Object args,
      StartOptions options,
      boolean link,
      boolean monitor) {
    return GenProcess.start(self, options, link, monitor, () -> process(server, args, options));
  }

  private static ServerProcess process(
      ArgsGenServer<?, ?, ?> server, Object args, StartOptions options) {
    return new ServerProcess(ServerCode.of(server), args, options.name());
  }

  // --- enter_loop

  /** As the other one, without a name, timeout or continuation. */
  public static <M, S> void enterLoop(Self<?> self, ArgsGenServer<?, M, S> server, S state) {
    enterLoop(self, server, Next.noreply(state), null);
  }

  /**
   * Turns the calling process, which was spawned with a body, into a server, and never returns: for
   * a process that has to initialise itself in its own way, or to be something else before. Its
   * {@code init} is not called, nor are its {@link ServerOptions} looked at: the body has trapped
   * exits, registered a name and so on if it wants that. The exit signal of the process that
   * spawned it and linked to it is that of a parent.
   *
   * {@snippet :
   * self.spawnLink(mine -> {
   *   mine.register("ledger");
   *   GenServers.enterLoop(mine, ledger, Next.noreply(readState()), "ledger");
   * });
   * }
   *
   * <p>The process keeps its thread, unlike a server that was started as one.
   *
   * @param next a {@link Next#noreply} with the first state and perhaps a timeout or continuation
   * @param name the name that the process has registered, {@code null}: it need have none
   * @throws ProcessExit with {@code process_not_registered} if the process does not have that name
   * @throws IllegalArgumentException if {@code next} replies or stops
   * @throws IllegalStateException if the calling process runs a behaviour already
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#enter_loop/5">gen_server:enter_loop/5</a>
   */
  @SuppressWarnings("unchecked") // the state of a server is what its callbacks say
  public static <M, S> void enterLoop(
      Self<?> self, ArgsGenServer<?, M, S> server, Next<S> next, @Nullable String name) {
    if (next.reply() != null || next.stop() != null) {
      throw new IllegalArgumentException(
          "A server cannot enter its loop with " + next + ". Use Next.noreply.");
    }
    checkName(self, name);
    self.runtime().checkState(next.state());
    var process = new ServerProcess(ServerCode.of(server), (Next<Object>) next);
    ProcLib.enterLoop(self, process, process.entered());
  }

  /**
   * For {@code enter_loop} of behaviours.
   *
   * @throws ProcessExit with {@code process_not_registered} if {@code name} is another name than
   *     that of the calling process
   */
  public static void checkName(Self<?> self, @Nullable String name) {
    if (name != null && self.runtime().whereis(name).orElse(null) != self.pid()) {
      throw new ProcessExit(ExitReason.other("process_not_registered"));
    }
  }

  // --- stop

  /** Stops a server with {@code normal} and waits until it has ended, as long as that takes. */
  public static void stop(ServerRef<?> server) {
    stop(server, ExitReason.NORMAL, INFINITY);
  }

  /**
   * Asks a server to end and waits until it has: its {@code terminate} runs, also while it is
   * suspended, and its name is free when this returns. With {@code normal}, {@code shutdown} and
   * <code>{shutdown, Detail}</code> nothing is reported.
   *
   * @param timeout longest wait; after it the server goes on ending, it is not killed
   * @throws StopException if there is no such server ({@code noproc}), if it did not end in time
   *     ({@code timeout}), or if it ended with another reason, which is the exception's
   * @throws IllegalArgumentException if the timeout is negative
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#stop/3">gen_server:stop/3</a>
   */
  public static void stop(ServerRef<?> server, ExitReason reason, Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "A stop timeout of " + timeout + " is not allowed, it must not be negative");
    }
    Pid pid = server.whereis().orElse(null);
    if (pid == null) {
      throw new StopException(ExitReason.NO_PROCESS, text(ExitReason.NO_PROCESS, server, timeout));
    }
    ExitReason ended;
    try {
      ended = Sys.terminate(pid, reason, timeout);
    } catch (CallException e) {
      throw new StopException(e.cause(), text(e.cause(), server, timeout));
    }
    if (!ended.equals(reason)) {
      throw new StopException(
          ended,
          "Server "
              + server.address()
              + " was asked to end with "
              + reason
              + " but ended with "
              + ended
              + ".");
    }
  }

  private static String text(ExitReason cause, ServerRef<?> server, Duration timeout) {
    return "Server "
        + server.address()
        + switch (cause) {
          case ExitReason.Timeout _ ->
              " did not end within "
                  + timeout.toMillis()
                  + " ms. It goes on ending; kill it if it must go now.";
          case ExitReason.CallingSelf _ ->
              " cannot wait for its own end. Return Next.stop instead.";
          default -> " is not running, so it cannot be stopped.";
        };
  }

  // --- several

  /**
   * Sends the same call to several servers and waits for all of them at once. Nothing that arrives
   * later is seen.
   *
   * <p>Unlike OTP, where the servers are those of one name on several nodes, here they are any of
   * this runtime.
   *
   * @param timeout longest wait for all of them together
   * @throws IllegalArgumentException if the timeout is negative or the servers are of several
   *     runtimes
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#multi_call/4">gen_server:multi_call/4</a>
   */
  public static <M, R> Replies<M, R> multiCall(
      Collection<ServerRef<M>> servers, Call<M, R> request, Duration timeout) {
    var refs = List.copyOf(servers);
    if (refs.isEmpty()) {
      return new Replies<>(new LinkedHashMap<>(), List.of());
    }
    ProcessRuntime runtime = refs.getFirst().runtime();
    var addresses = new ArrayList<ProcessRuntime.Address>(refs.size());
    for (ServerRef<M> ref : refs) {
      if (ref.runtime() != runtime) {
        throw new IllegalArgumentException(
            ref
                + " is of "
                + ref.runtime()
                + " and "
                + refs.getFirst()
                + " of "
                + runtime
                + "; a multiCall is for servers of one runtime");
      }
      addresses.add(ref.address());
    }
    return replies(refs, runtime.multiCall(addresses, request, timeout));
  }

  @SuppressWarnings("unchecked") // a server can answer a Call<M, R> only with an R
  private static <M, R> Replies<M, R> replies(
      List<ServerRef<M>> refs, List<Optional<Object>> outcomes) {
    var replies = new LinkedHashMap<ServerRef<M>, R>();
    var bad = new ArrayList<ServerRef<M>>();
    for (int i = 0; i < refs.size(); i++) {
      Optional<Object> outcome = outcomes.get(i);
      if (outcome.isPresent()) {
        replies.put(refs.get(i), (R) outcome.get());
      } else {
        bad.add(refs.get(i));
      }
    }
    return new Replies<>(replies, bad);
  }

  /**
   * What {@link #multiCall} returns: <code>{Replies, BadNodes}</code>.
   *
   * @param replies who replied and what, in the order in which the servers were given
   * @param bad who did not: not running, ended, refused the call, or too slow
   */
  @Immutable
  public record Replies<M, R>(SequencedMap<ServerRef<M>, R> replies, List<ServerRef<M>> bad) {

    /** Copies both. */
    public Replies {
      replies = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(replies));
      bad = List.copyOf(bad);
    }
  }

  /**
   * Casts to several servers and returns at once. Servers that are not running, or whose bounded
   * mailbox refuses the message, are passed over.
   *
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#abcast/3">gen_server:abcast/3</a>
   */
  public static <M> void abcast(Collection<ServerRef<M>> servers, Cast<M> message) {
    for (ServerRef<M> server : servers) {
      try {
        server.cast(message);
      } catch (MailboxFullException e) {
        // As a dead one: who wants to know of each casts to each.
      }
    }
  }
}
