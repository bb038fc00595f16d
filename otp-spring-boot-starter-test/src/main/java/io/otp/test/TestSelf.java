package io.otp.test;

import io.otp.process.Alias;
import io.otp.process.Behaviour;
import io.otp.process.Call;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.process.Pid;
import io.otp.process.ProcessExit;
import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.process.TimerExpired;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Self} without a process, for unit tests of callbacks: a callback is called as the
 * function it is, and what it did as its process is written down here instead of being done.
 *
 * {@snippet :
 * TestSelf<Ledger.Message> self = new TestSelf<>();
 * Fetch fetch = new Fetch("joe");
 *
 * assertThat(ledger.handle(fetch, State.EMPTY, self)).isEqualTo(Next.noreply(State.EMPTY.waiting(self.from(fetch))));
 * assertThat(self.effects()).containsExactly(new Sent("archive", new Load("joe", self.pid())));
 *
 * ledger.handle(new Loaded("joe", 500), State.EMPTY.waiting(self.from(fetch)), self);
 * assertThat(self.reply(fetch)).contains(500L);
 * }
 *
 * <p>Time stands still: a timer is only noted, and {@link #expire} says what it would send. A
 * receive finds what the test has put there with {@link #deliver} and does not wait for more.
 * Messages must be immutable as always. For what needs a real process (a call to another server,
 * the start of one, an alias) use {@link OtpExtension}.
 *
 * <p>Not for use by several threads.
 *
 * @param <M> the messages of the process
 */
public final class TestSelf<M> implements Self<M> {

  /** Something that was done as this process. */
  public sealed interface Effect {}

  /**
   * A message was sent.
   *
   * @param to the receiver: a {@link Pid}, a name, or an {@link Alias}
   * @param message the message
   */
  public record Sent(Object to, Object message) implements Effect {}

  /**
   * A request was sent without waiting.
   *
   * @param id what its {@link io.otp.process.Response} is recognised by
   * @param to the server
   * @param request the request
   */
  public record Requested(Ref id, ProcessRuntime.Address to, Object request) implements Effect {}

  /**
   * A call was answered, through the {@link From} that {@link TestSelf#from} gave.
   *
   * @param request the call
   * @param reply the reply
   */
  public record Replied(Object request, Object reply) implements Effect {}

  /**
   * An exit signal was sent.
   *
   * @param to the receiver
   * @param reason why
   */
  public record Exited(Pid to, ExitReason reason) implements Effect {}

  /**
   * A process was started; nothing of it has run.
   *
   * @param pid its address
   * @param code a {@link Behaviour}, or the body of a raw process
   * @param options how
   */
  public record Spawned(Pid pid, Object code, SpawnOptions options) implements Effect {}

  /** A link was made. */
  public record Linked(Pid other) implements Effect {}

  /** A link was ended. */
  public record Unlinked(Pid other) implements Effect {}

  /**
   * A monitor was made.
   *
   * @param ref the monitor
   * @param object the {@link Pid} or the name that is monitored
   */
  public record Monitors(Ref ref, Object object) implements Effect {}

  /** A monitor was ended. */
  public record Demonitored(Ref ref) implements Effect {}

  /**
   * A timer was started.
   *
   * @param ref the timer
   * @param delay the time to its expiry
   * @param to the receiver
   * @param message what arrives then; a {@link TimerExpired} for {@link Self#startTimer}, an {@link
   *     Exit} for {@link Self#exitAfter}
   * @param repeated whether it expires again and again
   */
  public record TimerStarted(Ref ref, Duration delay, Object to, Object message, boolean repeated)
      implements Effect {}

  /** A timer was cancelled that had not expired. */
  public record TimerCancelled(Ref ref) implements Effect {}

  /** A name was registered. */
  public record Registered(String name) implements Effect {}

  /** The name was given free. */
  public record Unregistered(String name) implements Effect {}

  /** The process waited. */
  public record Slept(Duration time) implements Effect {}

  /** Nothing runs in it; it makes pids and judges messages. Its threads are daemons. */
  private static final class Shared {
    static final ProcessRuntime RUNTIME =
        ProcessRuntime.builder().name("test-self").schedulers(1).build();
  }

  private final ProcessRuntime runtime;
  private final Pid pid;
  private final List<Effect> effects = new ArrayList<>();
  private final List<Object> mailbox = new ArrayList<>();
  private final Map<Ref, TimerStarted> timers = new LinkedHashMap<>();
  private final Map<Ref, Object> monitors = new LinkedHashMap<>();
  private final List<Pid> links = new ArrayList<>();
  private final Map<Object, From<?>> froms = new IdentityHashMap<>();
  private final Map<Object, Object> dictionary = new HashMap<>();
  private boolean trapsExits;
  private @Nullable String name;
  private @Nullable String label;

  /** One that belongs to no runtime of the test: {@link #runtime()} has no processes. */
  public TestSelf() {
    this(Shared.RUNTIME);
  }

  /**
   * One whose {@link #runtime()} is {@code runtime}, where callbacks may find the servers they use.
   */
  public TestSelf(ProcessRuntime runtime) {
    this.runtime = runtime;
    this.pid = runtime.nobody();
  }

  // --- what tests look at

  /** What was done so far, in order. */
  public List<Effect> effects() {
    return List.copyOf(effects);
  }

  /** What was done so far of one kind, in order. */
  public <E extends Effect> List<E> effects(Class<E> kind) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Forgets what was done so far; timers, links, monitors and the mailbox stay. */
  public void clearEffects() {
    effects.clear();
  }

  /** The messages that were sent to {@code to}: a {@link Pid}, a name, or an {@link Alias}. */
  public List<Object> sentTo(Object to) {
    return effects(Sent.class).stream()
        .filter(sent -> sent.to().equals(to))
        .map(Sent::message)
        .toList();
  }

  /** The reply that {@code request} got through its {@link From}, empty if it got none so far. */
  @SuppressWarnings("unchecked") // From takes nothing but an R
  public <R> Optional<R> reply(Call<? super M, R> request) {
    return effects(Replied.class).stream()
        .filter(replied -> replied.request() == request)
        .map(replied -> (R) replied.reply())
        .findFirst();
  }

  /** Timers that are neither cancelled nor expired, in the order of their start. */
  public List<TimerStarted> timers() {
    return List.copyOf(timers.values());
  }

  /**
   * Lets a timer expire and returns its message: what is to be given to {@code handle} if it is a
   * cast, else to {@code handleInfo}.
   *
   * @throws IllegalArgumentException if it has expired, was cancelled, or is none
   */
  public Object expire(Ref timer) {
    TimerStarted started = timers.get(timer);
    if (started == null) {
      throw new IllegalArgumentException(
          timer + " is no timer that still runs; those are " + timers.keySet());
    }
    if (!started.repeated()) {
      timers.remove(timer);
    }
    return started.message();
  }

  /** Processes linked to this one. */
  public List<Pid> links() {
    return List.copyOf(links);
  }

  /** Monitors, and the pid or name that each is of. */
  public Map<Ref, Object> monitors() {
    return Map.copyOf(monitors);
  }

  /** The registered name, {@code null} if there is none. */
  public @Nullable String name() {
    return name;
  }

  /** The label, {@code null} if there is none. */
  public @Nullable String label() {
    return label;
  }

  /** Whether exits are trapped. */
  public boolean trapsExits() {
    return trapsExits;
  }

  /** Puts messages into the mailbox, for a {@code receive} in the code under test. */
  public void deliver(Object... messages) {
    mailbox.addAll(List.of(messages));
  }

  /** What was delivered and not received, oldest first. */
  public List<Object> mailbox() {
    return List.copyOf(mailbox);
  }

  // --- Self

  /** An address that nobody has. */
  @Override
  public Pid pid() {
    return pid;
  }

  @Override
  public ProcessRuntime runtime() {
    return runtime;
  }

  @Override
  public void send(Pid to, Object message) {
    sent(to, message);
    if (to.equals(pid)) {
      mailbox.add(message);
    }
  }

  @Override
  public void send(String to, Object message) {
    sent(to, message);
  }

  @Override
  public void send(Alias to, Object message) {
    sent(to, message);
  }

  private void sent(Object to, Object message) {
    runtime.checkMessage(message);
    effects.add(new Sent(to, message));
  }

  @Override
  public Pid spawn(Consumer<Self<Object>> body) {
    return spawned(body, SpawnOptions.NONE).pid();
  }

  @Override
  public Pid spawnLink(Consumer<Self<Object>> body) {
    return spawned(body, SpawnOptions.LINK).pid();
  }

  @Override
  public Monitored spawnMonitor(Consumer<Self<Object>> body) {
    return spawned(body, SpawnOptions.MONITOR);
  }

  @Override
  public Monitored spawn(Behaviour behaviour, SpawnOptions options) {
    return spawned(behaviour, options);
  }

  private Monitored spawned(Object code, SpawnOptions options) {
    Pid child = runtime.nobody();
    effects.add(new Spawned(child, code, options));
    if (options.link()) {
      links.add(child);
    }
    Ref ref = options.monitor() ? Ref.create() : null;
    if (ref != null) {
      monitors.put(ref, child);
    }
    return new Monitored(child, ref);
  }

  /**
   * Notes the signal.
   *
   * @throws ProcessExit with {@code reason} if it is for this process and ends it
   */
  @Override
  public void exit(Pid to, ExitReason reason) {
    effects.add(new Exited(to, reason));
    if (!to.equals(pid)) {
      return;
    }
    if (!trapsExits || reason instanceof ExitReason.Kill) {
      throw new ProcessExit(reason instanceof ExitReason.Kill ? ExitReason.KILLED : reason);
    }
    mailbox.add(new Exit(pid, reason));
  }

  @Override
  public boolean trapExits(boolean trap) {
    boolean before = trapsExits;
    trapsExits = trap;
    return before;
  }

  /** Notes the link, whether or not there is such a process. */
  @Override
  public void link(Pid other) {
    effects.add(new Linked(other));
    if (!other.equals(pid) && !links.contains(other)) {
      links.add(other);
    }
  }

  @Override
  public void unlink(Pid other) {
    effects.add(new Unlinked(other));
    links.remove(other);
  }

  /** Notes the monitor; a {@code Down} comes only if the test makes one. */
  @Override
  public Ref monitor(Pid other) {
    return monitors(other);
  }

  @Override
  public Ref monitor(String other) {
    return monitors(other);
  }

  private Ref monitors(Object object) {
    Ref ref = Ref.create();
    effects.add(new Monitors(ref, object));
    monitors.put(ref, object);
    return ref;
  }

  @Override
  public Alias monitor(Pid other, Alias.Mode mode) {
    throw noAlias();
  }

  @Override
  public Alias alias(Alias.Mode mode) {
    throw noAlias();
  }

  @Override
  public boolean unalias(Alias alias) {
    throw noAlias();
  }

  private static UnsupportedOperationException noAlias() {
    return new UnsupportedOperationException(
        "An alias takes a process. Test this callback in a server that runs, with OtpExtension.");
  }

  @Override
  public boolean demonitor(Ref ref) {
    effects.add(new Demonitored(ref));
    return monitors.remove(ref) != null;
  }

  @Override
  public boolean demonitorFlush(Ref ref) {
    return demonitor(ref);
  }

  @Override
  public void register(String name) {
    effects.add(new Registered(name));
    this.name = name;
  }

  @Override
  public void unregister() {
    if (name != null) {
      effects.add(new Unregistered(name));
      name = null;
    }
  }

  @Override
  public void label(String text) {
    label = text;
  }

  /**
   * Takes what was {@linkplain #deliver delivered}; where that is nothing, the timeout is over at
   * once.
   */
  @Override
  public <T> Optional<T> receive(Duration timeout, Function<Object, Receive<T>> clauses) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "A receive timeout of " + timeout + " is not allowed, it must not be negative");
    }
    for (Iterator<Object> i = mailbox.iterator(); i.hasNext(); ) {
      Optional<T> taken = clauses.apply(i.next()).taken();
      if (taken.isPresent()) {
        i.remove();
        return taken;
      }
    }
    return Optional.empty();
  }

  /**
   * Takes what was {@linkplain #deliver delivered}.
   *
   * @throws IllegalStateException where that is nothing
   */
  @Override
  public <T> T receive(Function<Object, Receive<T>> clauses) {
    return receive(Duration.ZERO, clauses)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "A receive without a timeout would wait for ever: nothing it takes is among "
                        + mailbox
                        + ". Let the test deliver a message first."));
  }

  @Override
  public Object receive() {
    return receive(Receive::take);
  }

  @Override
  public void sleep(Duration time) {
    effects.add(new Slept(time));
  }

  @Override
  public Ref sendAfter(Duration delay, M message) {
    return timer(delay, pid, message, false);
  }

  @Override
  public Ref sendAfter(Duration delay, Pid to, Object message) {
    return timer(delay, to, message, false);
  }

  @Override
  public Ref sendInterval(Duration period, M message) {
    return timer(period, pid, message, true);
  }

  @Override
  public Ref exitAfter(Duration delay, Pid to, ExitReason reason) {
    return timer(delay, to, new Exit(pid, reason), false);
  }

  @Override
  public Ref startTimer(Duration delay, Object message) {
    Ref ref = Ref.create();
    start(new TimerStarted(ref, checked(delay), pid, new TimerExpired(ref, message), false));
    return ref;
  }

  private Ref timer(Duration delay, Object to, Object message, boolean repeated) {
    var started = new TimerStarted(Ref.create(), checked(delay), to, message, repeated);
    start(started);
    return started.ref();
  }

  private void start(TimerStarted timer) {
    runtime.checkMessage(timer.message());
    effects.add(timer);
    timers.put(timer.ref(), timer);
  }

  private static Duration checked(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException(
          "A delay of " + delay + " is not allowed, it must not be negative");
    }
    return delay;
  }

  @Override
  public Optional<Duration> cancelTimer(Ref timer) {
    TimerStarted started = timers.remove(timer);
    if (started == null) {
      return Optional.empty();
    }
    effects.add(new TimerCancelled(timer));
    return Optional.of(started.delay());
  }

  /** Whom to answer any call; see {@link #reply(Call)}. */
  @Override
  @SuppressWarnings("unchecked") // kept by the request that it was made for
  public <R> From<R> from(Call<? super M, R> request) {
    return (From<R>)
        froms.computeIfAbsent(
            request,
            call ->
                From.to(
                    reply -> {
                      runtime.checkMessage(reply);
                      effects.add(new Replied(call, reply));
                    }));
  }

  @Override
  public Ref sendRequest(ProcessRuntime.Address to, Object request) {
    runtime.checkMessage(request);
    Ref id = Ref.create();
    effects.add(new Requested(id, to, request));
    return id;
  }

  @Override
  public void checkpoint() {}

  @Override
  public @Nullable Object get(Object key) {
    return dictionary.get(key);
  }

  @Override
  public @Nullable Object put(Object key, @Nullable Object value) {
    return value == null ? dictionary.remove(key) : dictionary.put(key, value);
  }

  @Override
  public String toString() {
    return "TestSelf[" + pid + "]";
  }
}
