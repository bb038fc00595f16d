package io.otp.process;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node: where processes live. An application has one; two runtimes in one JVM know nothing of
 * each other.
 *
 * {@snippet :
 * try (ProcessRuntime runtime = ProcessRuntime.builder().name("demo").build()) {
 *   Pid pid = runtime.spawn(self -> System.out.println("I am " + self.pid()));
 * }
 * }
 *
 * <p>Its methods may be called by any thread. Called by a process, they act for that process where
 * that makes a difference (the caller of a call); what only a process can do is in {@link Self}.
 */
public final class ProcessRuntime implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ProcessRuntime.class);

  private static final AtomicLong CREATIONS = new AtomicLong();
  private static final AtomicLong NOBODIES = new AtomicLong();

  /** Default timeout of a call. */
  public static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  private final String name;
  private final long creation = CREATIONS.incrementAndGet();
  private final RuntimeClock clock;
  private final Instant startedAt;
  private final long startedNanos;
  private final Scheduler scheduler;
  private final TimerWheel timers;
  private final Watchdog watchdog;
  private final ProcessTable table;
  private final Names names = new Names();
  private final Immutability immutability;
  private final CopyOnWriteArrayList<ReportHandler> reportHandlers = new CopyOnWriteArrayList<>();
  private final Executor completions =
      task -> Thread.ofVirtual().name("otp-completion").start(task);
  private final CounterTable counterTable = new CounterTable();
  private final Instruments instruments;
  private final Calls calls;
  private final LongAdder deadLetters = new LongAdder();
  private final Map<Class<?>, Object> extensions = new ConcurrentHashMap<>();

  /**
   * Sends exit signals on behalf of threads that are no process: {@code <0.0.0>}, alive as long as
   * the runtime.
   */
  private final Process root;

  /** {@code null} while nobody traces. Not volatile: it is looked at for each message. */
  @Nullable Tracing tracing;

  private final Object tracers = new Object();

  private volatile boolean closed;

  private ProcessRuntime(Builder builder) {
    name = builder.name;
    clock = builder.clock;
    startedAt = clock.instant();
    startedNanos = clock.nanoTime();
    table = new ProcessTable(builder.maxProcesses + 1); // and the root
    immutability = builder.immutability();
    reportHandlers.addAll(builder.reportHandlers);
    instruments =
        new Instruments(builder.messageContext, builder.sampler, builder.sampleEvery, immutability);
    calls = new Calls(this, immutability, instruments, builder.mayBlock, completions);
    scheduler = new Scheduler(builder.schedulers, builder.retirement, builder.afterActivation);
    timers = new TimerWheel(clock, "otp-timers-" + name);
    watchdog = new Watchdog(this, scheduler, "otp-watchdog-" + name);
    root = new Process(this, table.allocate(), null, Origin.NONE);
    table.put(root);
    root.close(); // what is sent to it goes nowhere
    FairnessCanary.use();
  }

  /** Builds a runtime. */
  public static Builder builder() {
    return new Builder();
  }

  /** How a runtime is made. */
  public static final class Builder {
    private String name = "otp";
    private int maxProcesses = 1 << 20;
    private int schedulers = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 64);
    private long retirement = Scheduler.RETIREMENT;
    private RuntimeClock clock = RuntimeClock.system();
    private ImmutabilityMode immutabilityMode = ImmutabilityMode.REFUSE;
    private boolean immutabilityDebug;
    private Collection<String> immutableTypes = List.of();
    private @Nullable Runnable afterActivation;
    private Predicate<Thread> mayBlock = thread -> true;
    private @Nullable MessageContext messageContext;
    private @Nullable RuntimeSampler sampler;
    private int sampleEvery = 128;
    private final List<ReportHandler> reportHandlers = new ArrayList<>();

    private Builder() {}

    /** What logs and tools call it; default {@code otp}. */
    public Builder name(String name) {
      this.name = Objects.requireNonNull(name);
      return this;
    }

    /**
     * How many processes there may be, 16 to 134,217,728; default 1,048,576. Beyond it a spawn
     * throws.
     */
    public Builder maxProcesses(int maxProcesses) {
      if (maxProcesses < 16 || maxProcesses > 1 << 27) {
        throw new IllegalArgumentException(
            "A limit of "
                + maxProcesses
                + " processes is not allowed, it must be 16 to "
                + (1 << 27));
      }
      this.maxProcesses = maxProcesses;
      return this;
    }

    /** How many behaviours run at once, 1 to 64; default is the number of processors. */
    public Builder schedulers(int schedulers) {
      if (schedulers < 1 || schedulers > 64) {
        throw new IllegalArgumentException(
            schedulers + " schedulers are not allowed, it must be 1 to 64");
      }
      this.schedulers = schedulers;
      return this;
    }

    /** For tests: how many activations a worker's life has. */
    Builder retirement(long activations) {
      this.retirement = activations;
      return this;
    }

    /** The time; default is the system's. */
    public Builder clock(RuntimeClock clock) {
      this.clock = Objects.requireNonNull(clock);
      return this;
    }

    /**
     * What happens to messages and states that cannot be shown immutable; default {@link
     * ImmutabilityMode#REFUSE}.
     */
    public Builder immutability(ImmutabilityMode mode) {
      this.immutabilityMode = Objects.requireNonNull(mode);
      return this;
    }

    /**
     * Whether collections are walked at each send and mutation after it is looked for; slow,
     * default {@code false}.
     */
    public Builder immutabilityDebug(boolean debug) {
      this.immutabilityDebug = debug;
      return this;
    }

    /** Binary names of types that are immutable although they do not look so. */
    public Builder immutableTypes(Collection<String> types) {
      this.immutableTypes = List.copyOf(types);
      return this;
    }

    /**
     * Run on a worker's thread after it has run a process, to clear what that left in thread
     * locals.
     */
    public Builder afterActivation(Runnable cleaner) {
      this.afterActivation = cleaner;
      return this;
    }

    /** Which threads that are no process may wait in a call; default all. */
    public Builder mayBlock(Predicate<Thread> mayBlock) {
      this.mayBlock = Objects.requireNonNull(mayBlock);
      return this;
    }

    /** What goes from the sender of a message into its callback; default nothing. */
    public Builder messageContext(MessageContext context) {
      this.messageContext = Objects.requireNonNull(context);
      return this;
    }

    /**
     * Gets measurements; default nobody does.
     *
     * @param every one in how many activations, sends and calls is measured, at least 1
     */
    public Builder sampler(RuntimeSampler sampler, int every) {
      if (every < 1) {
        throw new IllegalArgumentException(
            "One sample in " + every + " is not possible, it must be at least 1");
      }
      this.sampler = Objects.requireNonNull(sampler);
      this.sampleEvery = every;
      return this;
    }

    /** Gets every report. */
    public Builder reportHandler(ReportHandler handler) {
      reportHandlers.add(Objects.requireNonNull(handler));
      return this;
    }

    private Immutability immutability() {
      return new Immutability(immutabilityMode, immutabilityDebug, immutableTypes);
    }

    /** Starts the runtime. */
    public ProcessRuntime build() {
      return new ProcessRuntime(this);
    }
  }

  // --- what the package uses

  Scheduler scheduler() {
    return scheduler;
  }

  ProcessTable table() {
    return table;
  }

  TimerWheel timers() {
    return timers;
  }

  Watchdog watchdog() {
    return watchdog;
  }

  Calls calls() {
    return calls;
  }

  Names names() {
    return names;
  }

  Instruments instruments() {
    return instruments;
  }

  /**
   * Once per activation, start and end: found in the module unless that runs in several
   * applications.
   */
  BehaviourCounters counters(CallbackModule module, Origin origin) {
    BehaviourCounters known = module.counters;
    if (known == null || known.table != counterTable || !known.isOf(origin.application())) {
      known = counterTable.of(module.name(), module.behaviour(), origin.application());
      module.counters = known;
    }
    return known;
  }

  long creation() {
    return creation;
  }

  /** Tenths of a second since the runtime was started: enough for 6 years in an int. */
  int tenths() {
    return (int) ((clock.nanoTime() - startedNanos) / 100_000_000);
  }

  long nanoTime() {
    return clock.nanoTime();
  }

  /** When {@code timeout} from now is over; {@link Long#MAX_VALUE} for never. */
  long deadline(Duration timeout) {
    if (timeout.getSeconds() > 100L * 365 * 24 * 3600) {
      return Long.MAX_VALUE;
    }
    return clock.nanoTime() + timeout.toNanos();
  }

  /** What is left of {@link #deadline}. */
  Duration left(long deadline) {
    return deadline == Long.MAX_VALUE
        ? Duration.ofSeconds(Long.MAX_VALUE)
        : Duration.ofNanos(Math.max(0, deadline - clock.nanoTime()));
  }

  void countDeadLetter() {
    deadLetters.increment();
  }

  void internalError(String where, Throwable e) {
    LOG.error("Bug in {} of runtime '{}'; it goes on", where, name, e);
  }

  void slowCallback(Process process, CallbackModule module, long nanos) {
    LOG.warn(
        "A callback of {} ({}) runs for more than {} ms and holds up what is sent to it. Let it"
            + " work in pieces, call self.checkpoint() in long loops, or do slow work in a process"
            + " of its own.",
        module.name(),
        process,
        TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  void overloaded(Process process, MailboxBound bound) {
    report(
        new ErrorReport(
            process,
            new ExitReason.Other("mailbox_full: more than " + bound.limit() + " messages")));
  }

  void ended(Process process, @Nullable Behaviour behaviour, Origin origin, ExitReason reason) {
    table.free(process);
    counters(behaviour == null ? CallbackModule.RAW : behaviour.module(), origin).ended(reason);
  }

  void zombie(Process process, String module, long nanos) {
    LOG.warn(
        "Process {} ({}) was ended ({}) more than {} ms ago but its code goes on. It is dead to"
            + " everybody and keeps a thread until it returns.",
        process,
        module,
        process.exit(),
        TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  // --- starting processes

  /**
   * Starts a process with a (virtual) thread of its own that runs {@code body}; its reason is
   * {@code normal} when the body returns, and what it throws else.
   *
   * @throws RuntimeLimitException if there are as many processes as allowed
   */
  public Pid spawn(Consumer<Self<Object>> body) {
    Objects.requireNonNull(body, "body");
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      return spawn(null, null, body, SpawnOptions.NONE, null).pid();
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  /**
   * Starts a process that runs {@code behaviour} on demand.
   *
   * @throws IllegalArgumentException if {@code options} ask for a link or monitor: that takes a
   *     process, see {@link Self#spawn}
   */
  public Pid spawn(Behaviour behaviour, SpawnOptions options) {
    if (options.link() || options.monitor()) {
      throw new IllegalArgumentException(
          "Only a process can link to or monitor what it starts; use Self.spawn in its code.");
    }
    Objects.requireNonNull(behaviour, "behaviour");
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      return spawn(null, behaviour, null, options, null).pid();
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  /**
   * @param first what a behaviour handles right after its {@code init}, before all that is sent to
   *     it
   */
  Self.Monitored spawn(
      @Nullable Process parent,
      @Nullable Behaviour behaviour,
      @Nullable Consumer<Self<Object>> body,
      SpawnOptions options,
      @Nullable Request first) {
    Self.Monitored child = prepare(parent, behaviour, options, first);
    Process process = (Process) child.pid();
    if (body != null) {
      Thread.ofVirtual().name("otp-" + process.index()).start(() -> process.runBody(body));
    } else {
      scheduler.schedule(process);
    }
    return child;
  }

  /** All of a spawn but running the process, which the caller must see to. */
  Self.Monitored prepare(
      @Nullable Process parent,
      @Nullable Behaviour behaviour,
      SpawnOptions options,
      @Nullable Request first) {
    if (closed) {
      throw new IllegalStateException(
          "Runtime '" + name + "' is closed, no process can be started in it any more");
    }
    if (behaviour != null) {
      // Not our code: it fails here, before an index is taken (T1), or not at all.
      Objects.requireNonNull(behaviour.module());
    }
    long id = table.allocate();
    if (id == -1) {
      throw new RuntimeLimitException(table.limit() - 1);
    }
    Origin origin =
        parent != null
            ? parent.childOrigin(options.application())
            : options.application() == null
                ? Origin.NONE
                : new Origin(List.of(), options.application());
    var process = new Process(this, id, behaviour, origin);
    if (parent != null && options.link()) {
      linkToParent(process, parent);
    }
    counters(process.callbackModule(), origin).spawned.increment();
    if (options.label() != null) {
      process.setLabel(options.label());
    }
    Ref monitor = null;
    if (parent != null && options.monitor()) {
      monitor = Signals.monitor(parent, process, process);
    }
    if (first != null) {
      process.deliverFirst(first);
    }
    table.put(process);
    Tracing t = tracing;
    if (t != null) {
      t.spawned(parent, process, parent != null && options.link());
    }
    return new Self.Monitored(process, monitor);
  }

  /** Nobody knows the child yet, so its half needs no lock. */
  private void linkToParent(Process child, Process parent) {
    child.addLink(parent);
    child.linkedStart();
    try {
      synchronized (parent) {
        parent.checkUnpublished();
        parent.addLink(child);
      }
    } catch (ProcessKilledError e) {
      table.free(child); // T1
      throw e;
    }
  }

  // --- messages

  /**
   * Sends a message: Erlang's {@code Pid ! Message}. Nothing happens if the process is gone.
   *
   * @throws MutableMessageException if the message cannot be shown immutable
   * @throws MailboxFullException if the receiver's mailbox is bounded, full, and its policy refuses
   */
  public void send(Pid to, Object message) {
    Object context = instruments.capture();
    Seat seat = Seat.current();
    if (seat == null || seat.process() == null) {
      send((Process) to, message, context, null);
      return;
    }
    Seat.enterRuntime(seat);
    try {
      send((Process) to, message, context, seat);
    } finally {
      seat.enterUserCode();
    }
  }

  /**
   * Sends a message to a registered name.
   *
   * @throws NoSuchNameException if nobody has the name
   */
  public void send(String to, Object message) {
    send(names.require(to), message);
  }

  /** Sends a message to an alias: nothing happens if it is closed. Passes every bound. */
  public void send(Alias to, Object message) {
    Object context = instruments.capture();
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      deliver(to, message, context, seat);
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  void deliver(Alias to, Object message, @Nullable Object context, @Nullable Seat seat) {
    immutability.checkMessage(message);
    Tracing t = tracing;
    if (t != null) {
      t.sent(seat, to.owner, Process.node(message, null));
    }
    if (!to.deliver(message, instruments.carry(message, context, seat))) {
      deadLetters.increment();
    }
  }

  void send(Process to, Object message, @Nullable Object context, @Nullable Seat seat) {
    immutability.checkMessage(message);
    Mailbox.Node node = Process.node(message, instruments.carry(message, context, seat));
    if (to.deliver(node, seat) == Bound.Verdict.REFUSED) {
      checkNotKilled(seat);
      MailboxBound bound = Objects.requireNonNull(to.boundSpec());
      throw new MailboxFullException(to, describe(to), bound.limit(), bound.policy(), message);
    }
  }

  private static String describe(Process process) {
    String name = process.nameOrLabel();
    return name == null ? process.toString() : "'" + name + "' " + process;
  }

  /** A sender that was killed while it waited for room has not been refused. */
  private static void checkNotKilled(@Nullable Seat seat) {
    Process self = seat == null ? null : seat.process();
    if (self != null) {
      self.killedCheck();
    }
  }

  /**
   * Sends a cast, which never fails for want of a receiver.
   *
   * @throws MutableMessageException if the message cannot be shown immutable
   * @throws MailboxFullException if the receiver's mailbox is bounded, full, and its policy refuses
   */
  public void cast(Address to, Object message) {
    Object context = instruments.capture();
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      immutability.checkMessage(message);
      Process process = to.target.resolve(this);
      if (process == null) {
        deadLetters.increment();
      } else if (process.deliver(
              Carried.node(message, Mailbox.Node.CAST, instruments.carry(message, context, seat)),
              seat)
          == Bound.Verdict.REFUSED) {
        checkNotKilled(seat);
        MailboxBound bound = Objects.requireNonNull(process.boundSpec());
        throw new MailboxFullException(
            process, describe(process), bound.limit(), bound.policy(), message);
      }
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  /**
   * Sends a call and waits for its reply; what {@code ServerRef.call} does.
   *
   * @param timeout longest wait; {@code null} is the default of 5 s; zero sends and looks once
   * @throws CallException if there is no reply
   * @throws IllegalArgumentException if {@code timeout} is negative
   * @throws IllegalStateException if this thread must not block
   */
  public Object call(Address to, Object message, @Nullable Duration timeout) {
    return calls.call(to, message, timeout);
  }

  /**
   * Sends a call and returns at once. The stage completes on a thread of its own, with the reply or
   * a {@link CallException}.
   *
   * @param timeout longest wait, {@code null} is the default of 5 s
   */
  public CompletionStage<Object> callAsync(Address to, Object message, @Nullable Duration timeout) {
    return calls.callAsync(to, message, timeout);
  }

  /**
   * Sends a call for the calling process and returns at once; a {@link Response} with the returned
   * reference arrives in its mailbox when there is a reply, or when it is clear that there will be
   * none. Never fails for want of a server.
   *
   * @throws IllegalStateException if the calling thread runs no process
   */
  public Ref sendRequest(Address to, Object message) {
    return calls.sendRequest(to, message);
  }

  /**
   * Gives up a request: no {@link Response} arrives afterwards. Returns {@code false} if one has
   * been delivered already.
   */
  public boolean abandonRequest(Ref id) {
    return id instanceof Request.Id request && request.request().abandon();
  }

  /**
   * Sends the same call to several and waits for all of them at once.
   *
   * @param timeout longest wait for all together, zero sends and looks once
   * @return for each address its reply, empty where there is none: no process, it ended, refused,
   *     or was too slow
   * @throws IllegalArgumentException if {@code timeout} is negative
   * @throws IllegalStateException if this thread must not block
   */
  public List<Optional<Object>> multiCall(List<Address> to, Object message, Duration timeout) {
    return calls.multiCall(to, message, timeout);
  }

  /** Whom to send to: a pid, or a name that is looked up at each send. */
  public static final class Address {
    final Request.Target target;

    private Address(Request.Target target) {
      this.target = target;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Address address && target.equals(address.target);
    }

    @Override
    public int hashCode() {
      return target.hashCode();
    }

    @Override
    public String toString() {
      return target.toString();
    }
  }

  /** The address of a process. */
  public Address address(Pid pid) {
    return new Address(new Request.Target.ByPid((Process) pid));
  }

  /** The address of whoever has {@code name} when something is sent. */
  public Address address(String name) {
    return new Address(new Request.Target.ByName(name, this));
  }

  /**
   * The address of whoever {@code lookup} finds when something is sent: for registries, OTP's
   * <code>{via, Module, Name}</code>.
   *
   * @param text what errors and logs call it; with {@code lookup}, what makes two addresses equal
   * @param lookup any thread, quick, does not block, does not throw
   */
  public Address address(String text, Supplier<Optional<Pid>> lookup) {
    return new Address(new Request.Target.ByLookup(text, lookup));
  }

  /** The process behind an address now, empty if there is none. */
  public Optional<Pid> resolve(Address address) {
    Process process = address.target.resolve(this);
    return process == null || !process.isAlive() ? Optional.empty() : Optional.of(process);
  }

  // --- life

  /**
   * A new pid that addresses nobody, as that of a process that has ended: for tests of code that is
   * given pids. Its text form is <code>&lt;0.0.n&gt;</code>, which no process has.
   */
  public Pid nobody() {
    return Process.nobody(this, NOBODIES.incrementAndGet() << 32);
  }

  /**
   * Sends an exit signal: {@code erlang:exit/2}. Outside processes it comes from {@code <0.0.0>}.
   */
  public void exit(Pid to, ExitReason reason) {
    Process self = Seat.currentProcess();
    if (self != null) {
      self.exit(to, reason);
    } else {
      ((Process) to).exitSignal(root, reason);
    }
  }

  /** Whether the process, alive or not, is one of this runtime. */
  public boolean isLocal(Pid pid) {
    return ((Process) pid).runtime == this;
  }

  /** Whether the process lives; one that is being ended does not. */
  public boolean isAlive(Pid pid) {
    return ((Process) pid).isAlive();
  }

  /**
   * Runs {@code hook} when the process ends, before links and monitors fire; at once if it has
   * ended. For code that is no process; processes monitor.
   *
   * @param hook gets the reason; runs on some thread of the runtime and must not block
   */
  public void atExit(Pid pid, Consumer<ExitReason> hook) {
    Process process = (Process) pid;
    if (!process.atExit(hook)) {
      ExitReason reason = process.exit();
      hook.accept(reason == null ? ExitReason.NO_PROCESS : reason);
    }
  }

  // --- for packages that add to the runtime

  /**
   * The one {@code T} of this runtime, made at first use: where a package keeps what belongs to a
   * runtime and ends with it. One that is {@link AutoCloseable} is closed by {@link #close}, when
   * all processes have ended.
   *
   * @param create makes it; is run once at most and must not ask for another extension
   */
  public <T> T extension(Class<T> type, Function<ProcessRuntime, T> create) {
    Object known = extensions.get(type);
    return type.cast(
        known != null ? known : extensions.computeIfAbsent(type, _ -> create.apply(this)));
  }

  /**
   * Runs an operation as a part of the runtime, as a built-in function of Erlang is: the death of
   * the process that calls is not told to anybody meanwhile, so that what it did is complete before
   * anybody sees it dead, and a process that has been ended does not begin it.
   *
   * @param operation gets the process that calls, {@code null} if the thread runs none; it must be
   *     short, must not block, must run no code of users and use no other method of the runtime
   *     that acts for the calling process
   * @throws ProcessKilledError if the process that calls has been ended
   */
  public <T extends @Nullable Object> T operate(Function<@Nullable Pid, T> operation) {
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      return operation.apply(self);
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  /**
   * Delivers a message as signals are delivered: it passes every bound and is not checked for
   * immutability. Nothing happens if the process is gone. May be used in {@link #operate} and in
   * hooks of {@link #atExit}.
   */
  public void signal(Pid to, Object message) {
    ((Process) to).deliverSignal(message);
  }

  /**
   * As {@link #signal(Pid, Object)}, and tells when the process takes the message out of its
   * mailbox: how a sender that must not be refused bounds what waits there of its own.
   *
   * @param taken runs on the thread of the process, once; short, must not block, must not throw,
   *     runs no code of users. It does not run if the process ends before
   */
  public void signal(Pid to, Object message, Runnable taken) {
    ((Process) to).deliverSignal(message, taken);
  }

  /**
   * Kills what is left of an application: every process whose application it is.
   *
   * @return those that were alive
   */
  public List<ProcessSummary> killApplication(String application) {
    var killed = new ArrayList<ProcessSummary>();
    for (int i = 0; i < table.highWater(); i++) {
      Process process = table.get(i);
      if (process != null
          && process.isAlive()
          && application.equals(process.origin().application())) {
        killed.add(summary(process));
        process.terminate(ExitReason.KILLED);
      }
    }
    return killed;
  }

  // --- names

  /** The process registered under {@code name}. */
  public Optional<Pid> whereis(String name) {
    return Optional.ofNullable(names.whereis(name));
  }

  /**
   * Registers a process under a name.
   *
   * @param name not empty, at most 255 characters, not {@code undefined}
   * @throws NameTakenException if the name is taken, the process has a name, or it is dead
   */
  public void register(String name, Pid pid) {
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      names.register(name, (Process) pid);
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  /**
   * Gives a name free.
   *
   * @throws NoSuchNameException if nobody has it
   */
  public void unregister(String name) {
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      names.unregister(names.require(name), name);
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  // --- timers

  /** Sends {@code message} to {@code to} after {@code delay}. */
  public Ref sendAfter(Duration delay, Pid to, Object message) {
    return guardedTimer(delay, to, message, false);
  }

  /**
   * Sends {@code message} after {@code delay} to whoever has the name then; to nobody if nobody
   * has.
   */
  public Ref sendAfter(Duration delay, String to, Object message) {
    return guardedTimer(delay, to, message, false);
  }

  /**
   * After {@code delay} a {@link TimerExpired} with the returned reference and {@code message} is
   * sent to {@code to}: {@code erlang:start_timer/3}.
   */
  public Ref startTimer(Duration delay, Pid to, Object message) {
    return guardedTimer(delay, to, message, true);
  }

  /** As the other one, for whoever has the name when the time has come; nobody, if nobody has. */
  public Ref startTimer(Duration delay, String to, Object message) {
    return guardedTimer(delay, to, message, true);
  }

  private Ref guardedTimer(Duration delay, Object to, Object message, boolean wrapped) {
    Seat seat = Seat.current();
    Process self = Seat.enterRuntime(seat);
    try {
      return timer(delay, to, message, wrapped);
    } finally {
      Seat.leaveRuntime(seat, self);
    }
  }

  Ref timer(Duration delay, Object to, Object message, boolean wrapped) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException(
          "A delay of " + delay + " is not allowed, it must not be negative");
    }
    immutability.checkMessage(message);
    return start(
        new TimerRef(this, to, message, wrapped ? TimerRef.Kind.WRAPPED : TimerRef.Kind.PLAIN),
        delay);
  }

  Ref interval(Duration period, Process to, Object message) {
    if (period.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(
          "A period of " + period + " is not allowed, it must be at least 1 ms");
    }
    immutability.checkMessage(message);
    return start(new TimerRef(this, to, message, period.toNanos()), period);
  }

  Ref exitTimer(Duration delay, Process to, Exit signal) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException(
          "A delay of " + delay + " is not allowed, it must not be negative");
    }
    return start(new TimerRef(this, to, signal, TimerRef.Kind.EXIT), delay);
  }

  private Ref start(TimerRef timer, Duration delay) {
    timer.start(deadline(delay));
    return timer;
  }

  /** Cancels a timer; see {@link Self#cancelTimer}. */
  public Optional<Duration> cancelTimer(Ref timer) {
    TimerRef ref = TimerRef.of(timer);
    return ref == null ? Optional.empty() : ref.cancel();
  }

  /** The time that is left, empty if it has fired, was cancelled or its receiver is gone. */
  public Optional<Duration> readTimer(Ref timer) {
    TimerRef ref = TimerRef.of(timer);
    return ref == null ? Optional.empty() : ref.remaining();
  }

  // --- looking

  /** What logs and tools call this runtime. */
  public String name() {
    return name;
  }

  /** When it was started. */
  public Instant startedAt() {
    return startedAt;
  }

  /** The clock of its timers. */
  public RuntimeClock clock() {
    return clock;
  }

  /** Counts. */
  public RuntimeStats stats() {
    long spawned = 0;
    long exitedNormally = 0;
    long exitedAbnormally = 0;
    for (BehaviourCounters counters : counterTable.all()) {
      spawned += counters.spawned();
      for (BehaviourCounters.Ending ending : BehaviourCounters.Ending.values()) {
        if (ending.isAbnormal()) {
          exitedAbnormally += counters.exited(ending);
        } else {
          exitedNormally += counters.exited(ending);
        }
      }
    }
    return new RuntimeStats(
        table.count() - 1,
        table.limit() - 1,
        names.size(),
        timers.armed(),
        spawned,
        exitedNormally,
        exitedAbnormally,
        deadLetters.sum(),
        scheduler.slots.length,
        scheduler.busySlots(),
        scheduler.runQueueSize(),
        scheduler.workers(),
        watchdog.zombies(),
        watchdog.retaken(),
        watchdog.rescued(),
        watchdog.slowCallbacks(),
        FairnessCanary.raised());
  }

  /**
   * What each behaviour has done in each application; those that have run, oldest first, at most
   * 513.
   */
  public List<BehaviourCounters> counters() {
    return counterTable.all();
  }

  /**
   * Tells {@code listener} of the counters there are and, from now on, of each that comes; on a
   * thread of its own each time.
   */
  public void onCounters(Consumer<BehaviourCounters> listener) {
    counterTable.listen(counters -> completions.execute(() -> listener.accept(counters)));
  }

  BehaviourCounters countersOf(Process process) {
    return counters(process.callbackModule(), process.origin());
  }

  /** Counts restarts that {@code supervisor} did. For supervisors. */
  public void countRestarts(Self<?> supervisor, long restarts) {
    countersOf((Process) supervisor.pid()).restarts.add(restarts);
  }

  /** Counts that {@code supervisor} gives up. For supervisors. */
  public void countGiveUp(Self<?> supervisor) {
    countersOf((Process) supervisor.pid()).giveUps.increment();
  }

  /**
   * Reads the text form of a pid, with or without the angle brackets; empty if no such process
   * lives.
   */
  public Optional<Pid> findPid(String text) {
    String t =
        text.startsWith("<") && text.endsWith(">") ? text.substring(1, text.length() - 1) : text;
    String[] parts = t.split("\\.", -1);
    if (parts.length != 3 || !parts[0].equals("0")) {
      return Optional.empty();
    }
    try {
      Process process = table.get(Integer.parseInt(parts[1]));
      int serial = Integer.parseInt(parts[2]);
      return process != null && process != root && process.serial() == serial && process.isAlive()
          ? Optional.of(process)
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** All that is known of a process, empty if it has ended. */
  public Optional<ProcessInfo> info(Pid pid) {
    return info(pid, Integer.MAX_VALUE);
  }

  /** What a list shows of a process, empty if it has ended. */
  public Optional<ProcessSummary> summary(Pid pid) {
    Process process = (Process) pid;
    return process.isAlive() ? Optional.of(summary(process)) : Optional.empty();
  }

  /**
   * As {@link #info(Pid)}, for processes that may be linked to a million others.
   *
   * @param most how many links and monitors are listed, at most; which ones is not said
   */
  public Optional<ProcessInfo> info(Pid pid, int most) {
    Process process = (Process) pid;
    if (!process.isAlive()) {
      return Optional.empty();
    }
    return Optional.of(
        new ProcessInfo(
            summary(process),
            process.linkedPids(most),
            process.monitoredObjects(most),
            process.monitoringPids(most),
            process.origin().ancestors(),
            process.trapsExits(),
            process.boundSpec(),
            process.refused(),
            stackOf(process)));
  }

  private static List<String> stackOf(Process process) {
    Seat seat = process.runner();
    if (seat == null) {
      return List.of();
    }
    var frames = new ArrayList<String>();
    for (StackTraceElement frame : seat.thread.getStackTrace()) {
      if (frames.size() == Thrown.MAX_FRAMES) {
        break;
      }
      frames.add(frame.toString());
    }
    return process.runner() == seat ? List.copyOf(frames) : List.of();
  }

  /**
   * Visits processes in the order of the table, beginning at {@code cursor}, until {@code visitor}
   * returns {@code false}. Costs one step per table entry, locks nothing; a process that starts or
   * ends meanwhile may or may not be visited.
   *
   * @param cursor 0 at first, later what this method returned
   * @param maxSteps how many table entries are looked at, at most
   * @return where to go on, -1 at the end
   */
  public int walk(int cursor, int maxSteps, Predicate<ProcessSummary> visitor) {
    return look(cursor, maxSteps, view -> visitor.test(view.summary()));
  }

  /**
   * As {@link #walk}, without an object for each process: what the visitor gets is valid for that
   * one visit only.
   */
  public int look(int cursor, int maxSteps, Predicate<ProcessView> visitor) {
    var view = new ProcessView(this);
    int end = table.highWater();
    int steps = 0;
    for (int i = Math.max(cursor, 0); i < end; i++) {
      if (steps++ == maxSteps) {
        return i;
      }
      Process process = table.get(i);
      if (process != null
          && process != root
          && process.isAlive()
          && !visitor.test(view.of(process))) {
        return i + 1 < end ? i + 1 : -1;
      }
    }
    return -1;
  }

  ProcessSummary summary(Process process) {
    CallbackModule module = process.callbackModule();
    return new ProcessSummary(
        process,
        process.name(),
        process.label(),
        module.name(),
        module.behaviour(),
        process.origin().application(),
        process.status(),
        process.mailboxSize(),
        process.handled,
        process.linkCount(),
        process.monitorCount(),
        startedAt.plusMillis(process.startedAt * 100L));
  }

  // --- tracing

  /**
   * Tells {@code tracer} of the processes it chooses from now on. Use {@code io.otp.trace}, whose
   * sessions end by themselves; this is what they are made of.
   *
   * @return whether it was attached; a runtime has 8 at most
   */
  public boolean attach(Tracer tracer) {
    synchronized (tracers) {
      Tracing with = Tracing.with(tracing, tracer);
      if (with == null) {
        return false;
      }
      tracing = with;
      Tracing.mark(
          this,
          with.slotOf(tracer),
          (process, view) ->
              process != root
                  && process.isAlive()
                  && (process.isTraced(with.slotOf(tracer)) || tracer.chooses(view, false)));
      return true;
    }
  }

  /** Tells {@code tracer} of nothing any more; nothing happens if it is not attached. */
  public void detach(Tracer tracer) {
    synchronized (tracers) {
      Tracing before = tracing;
      int slot = before == null ? -1 : before.slotOf(tracer);
      if (before != null && slot >= 0) {
        tracing = before.without(tracer);
        Tracing.mark(this, slot, (_, _) -> false);
      }
    }
  }

  // --- reports

  /** Adds a handler of reports. */
  public void addReportHandler(ReportHandler handler) {
    reportHandlers.add(Objects.requireNonNull(handler));
  }

  /** Removes a handler of reports. */
  public void removeReportHandler(ReportHandler handler) {
    reportHandlers.remove(handler);
  }

  /** Gives a report to every handler. Never throws. */
  public void report(Report report) {
    for (ReportHandler handler : reportHandlers) {
      try {
        handler.handle(report);
      } catch (ProcessKilledError e) {
        throw e;
      } catch (RuntimeException | Error e) {
        reportHandlers.remove(handler);
        LOG.error("Report handler {} failed and was removed", handler, e);
      }
    }
  }

  /**
   * Refuses a state that cannot be shown immutable, see {@link ImmutabilityMode}. For behaviours.
   */
  public void checkState(Object state) {
    immutability.checkState(state);
  }

  /**
   * Refuses a message that cannot be shown immutable, see {@link ImmutabilityMode}. For behaviours.
   */
  public void checkMessage(Object message) {
    immutability.checkMessage(message);
  }

  /**
   * Kills every process that is left and ends the runtime's threads. Stop the supervision trees
   * first: this is not an orderly shutdown.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
    killAll();
    while (table.count() > 1 && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(100_000);
      killAll(); // whoever had begun to start one before `closed` was set may have finished since
    }
    scheduler.close();
    watchdog.close();
    timers.close();
    FairnessCanary.release();
    extensions.values().forEach(ProcessRuntime::closeExtension);
  }

  private static void closeExtension(Object extension) {
    if (extension instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.error("{} could not be closed", extension, e);
      }
    }
  }

  private void killAll() {
    for (int i = 0; i < table.highWater(); i++) {
      Process process = table.get(i);
      if (process != null && process != root) {
        process.terminate(ExitReason.KILLED);
      }
    }
  }

  /** Whether {@link #close()} was called. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public String toString() {
    return "ProcessRuntime[" + name + "]";
  }
}
