package io.otp.process;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A process: its mailbox, its behaviour or thread, its links and monitors, and its death.
 *
 * <p>Threads. One thread at a time runs the process, the <em>runner</em>: the owner of {@code
 * first}, {@code last}, {@code behaviour}, {@code handled}, {@code suspended}. Any thread sends to
 * it, links to it, monitors it, ends it. What several threads touch ({@code links}, {@code extra}'s
 * sets, {@code published}) is guarded by the lock of this object; two processes are locked together
 * only by {@link Signals}, the older one first. No user code runs and nothing blocks under the
 * lock.
 *
 * <p>Death. {@code exit} is set once, by whoever is first: the process itself (returned, threw), or
 * a signal from outside. From then on the process is dead to {@code isAlive} and every use of the
 * runtime by its code throws. Its effects on others (name, calls, links, monitors) are
 * <em>published</em> once: by the runner as soon as it is inside the runtime or back from the
 * callback, else, where its code neither returns nor calls, by the watchdog.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>P1 {@code exit} goes from null to a reason once and never changes: the first reason wins.
 *   <li>P2 Death is published exactly once, and only while the runner is inside the runtime on its
 *       way out or in user code; so whatever a process did through the runtime before (a send, a
 *       link) is complete and in order before anyone sees its death. The watchdog publishes a grace
 *       period after {@code exit} was set: by then a runner that is in user code has made its
 *       {@code inUserCode} visible, and one that enters the runtime sees {@code exit}.
 *   <li>P3 Order of publication: name, then the process table, then links and monitors, then calls:
 *       a caller that is linked to its server gets the exit signal before the call fails, as in
 *       OTP, where the call is a monitor.
 *   <li>P4 {@code other} is in the links of this process if and only if this one is in the links of
 *       {@code other}, at every moment at which neither is locked and neither has an {@code exit}.
 *   <li>P5 An interrupt meant for this process reaches its runner only while {@code runner} names
 *       it: both are done under the lock; the runner is taken out before {@code rest(IDLE)}, or
 *       under the lock where a killed process is left, and replaced under the lock while its thread
 *       runs a child.
 *   <li>P6 After {@code rest(IDLE)} succeeded the runner touches nothing of the process.
 *   <li>P7 Nobody is told of a death, by an exit signal or a down, before P3's effects are there.
 *       So who links to or monitors a process between {@code exit} and publication is told {@code
 *       noproc} by the publication ({@code late}), not at once.
 *   <li>P8 Whatever fails in code of others that the runtime runs on the way (hooks, handlers of
 *       reports), the death is told.
 * </ul>
 *
 * The happens-before edge from one runner to the next is the run queue; from a sender to the runner
 * it is the mailbox.
 */
final class Process extends Mailbox implements Self<Object> {

  /** Wakes a process whose {@code exit} was set; it is no message to anybody. */
  static final Object WAKE = "wake";

  private static final VarHandle EXIT;
  private static final VarHandle RUNNER;

  static {
    try {
      var lookup = MethodHandles.lookup();
      EXIT = lookup.findVarHandle(Process.class, "exit", ExitReason.class);
      RUNNER = lookup.findVarHandle(Process.class, "runner", Seat.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // immutable
  final ProcessRuntime runtime;
  final int startedAt;

  // any thread
  private volatile @Nullable ExitReason exit;
  private volatile @Nullable Seat runner;
  private volatile boolean trapExits;

  /** A bit for each tracer that has chosen it. Written under this lock, read by anybody. */
  byte traced;

  // owned by the runner
  @Nullable Behaviour behaviour;
  long handled;
  private boolean initialised;
  private boolean suspended;

  /** Whether somebody debugs it with {@link Sys}. */
  boolean debugged;

  /** Whether the process that started this one linked to it. */
  private boolean linkedStart;

  // set before the first message, cleared at death
  private @Nullable Bound bound;
  private Origin origin;

  // guarded by this
  private @Nullable Object links; // null, a Process, or a PidSet
  private @Nullable Extra extra;
  private boolean published;

  /**
   * Whether links and monitors have been told; between {@code published} and this they are being
   * told.
   */
  private boolean told;

  /**
   * What few processes have. Guarded by the process's lock, except {@code dictionary}, {@code
   * scanned} and {@code debug}, which are the runner's.
   */
  private static final class Extra {
    @Nullable String name;
    @Nullable String label;
    @Nullable Set<MonitorRef> monitors;
    @Nullable Set<MonitorRef> monitoredBy;
    @Nullable Set<Request> deferred;
    @Nullable TimerRef timers;
    @Nullable List<Consumer<ExitReason>> exitHooks;
    @Nullable List<Runnable> late;
    @Nullable Origin childOrigin;
    @Nullable Map<Object, Object> dictionary;
    Mailbox.@Nullable Node scanned;
    @Nullable SysDebug debug;
  }

  Process(ProcessRuntime runtime, long id, @Nullable Behaviour behaviour, Origin origin) {
    super(id);
    this.runtime = runtime;
    this.behaviour = behaviour;
    this.origin = origin;
    this.startedAt = runtime.tenths();
    MailboxBound spec = behaviour == null ? null : behaviour.module().mailbox();
    this.bound = spec == null ? null : new Bound(spec);
  }

  /** A process that has ended before it was ever there. */
  static Process nobody(ProcessRuntime runtime, long id) {
    var process = new Process(runtime, id, null, Origin.NONE);
    process.exit = ExitReason.NO_PROCESS;
    process.published = true;
    process.told = true;
    process.close();
    return process;
  }

  // --- sending to this process

  /** Before anybody knows this process: what it is to do first, after its {@code init}. */
  void deliverFirst(Request request) {
    push(request.unbounded()); // it is not idle yet, and will be scheduled
  }

  static Node node(Object message, @Nullable Carried carried) {
    return Carried.node(message, message instanceof Cast ? Node.CAST : Node.INFO, carried);
  }

  /**
   * Delivers a message or request, unless the bound refuses; {@code sender} is the seat of the
   * current thread, if known.
   */
  Bound.Verdict deliver(Node node, @Nullable Seat sender) {
    return deliver(node, sender, Long.MAX_VALUE);
  }

  /** The same for a sender that has no more than {@code patience} nanoseconds to wait for room. */
  Bound.Verdict deliver(Node node, @Nullable Seat sender, long patience) {
    Tracing tracing = runtime.tracing;
    if (tracing != null) {
      tracing.sent(sender, this, node);
    }
    Bound b = bound;
    if (b != null && b.locksConsumer()) {
      wake(b.pushAndDrop(this, node), node);
      return Bound.Verdict.ADMITTED;
    }
    if (b != null) {
      Bound.Verdict verdict = b.admit(this, node, sender, patience);
      if (verdict != Bound.Verdict.ADMITTED) {
        return verdict;
      }
    }
    pushAndWake(node);
    return Bound.Verdict.ADMITTED;
  }

  /** Delivers a message that no bound refuses. */
  void deliverAnyway(Node node) {
    pushAndWake(node.unbounded());
  }

  /** Before all that waits; runner only. It is no signal, but passes every bound as one. */
  void handleNext(Object message) {
    var node = new Node(message, Node.SIGNAL);
    Bound b = bound;
    if (b != null && b.locksConsumer()) {
      synchronized (b) { // B3
        putFirst(node);
      }
    } else {
      putFirst(node);
    }
  }

  /** Delivers an exit, a down and the like. */
  void deliverSignal(Object message) {
    pushAndWake(new Node(message, Node.SIGNAL));
  }

  /** Delivers a signal and has {@code taken} run by whoever takes it out of the mailbox. */
  void deliverSignal(Object message, Runnable taken) {
    pushAndWake(new Receipted(message, taken));
  }

  /** {@code node} has left the mailbox to be handled. */
  static void receipt(Node node) {
    if (node instanceof Receipted receipted) {
      receipted.taken();
    }
  }

  /** Returns what {@link #push} returned. */
  private @Nullable Node pushAndWake(Node node) {
    Node before = push(node);
    wake(before, node);
    return before;
  }

  /** M3. */
  private void wake(@Nullable Node before, Node node) {
    if (before == IDLE) {
      runtime.scheduler().schedule(this);
    } else if (before == WAITING) {
      Seat seat = runner;
      if (seat != null) {
        java.util.concurrent.locks.LockSupport.unpark(seat.thread);
      }
    } else if (before == DEAD) {
      if (node instanceof Request request) {
        request.fail(ExitReason.NO_PROCESS);
      } else if (node.kind() != Node.SIGNAL) {
        runtime.countDeadLetter();
      }
    }
  }

  /** Whether a send may wait for room in the mailbox. */
  boolean blocksSenders() {
    Bound b = bound;
    return b != null && b.spec.policy() == Overload.BLOCK;
  }

  private boolean isSupervisor() {
    Behaviour b = behaviour;
    return b != null && b.module().behaviour().equals("supervisor");
  }

  boolean needsOwnThread() {
    Behaviour b = behaviour;
    return b != null && b.module().needsOwnThread();
  }

  /** For {@link Overload#DROP_OLDEST}, under the bound's lock (B3). */
  @Nullable Node removeOldest() {
    refillForSender();
    Node before = null;
    for (Node n = first; n != null; before = n, n = n.next) {
      if (n.isBounded()) {
        unlink(before, n);
        Extra x = extra;
        if (x != null && x.scanned == n) {
          x.scanned = before;
        }
        return n;
      }
    }
    return null;
  }

  // --- running

  /**
   * Handles messages until there are none, the budget is used up, or the process ends.
   *
   * @param budget how many messages, see {@link Scheduler#BUDGET}
   * @return whether it wants to be scheduled again
   */
  boolean activate(Seat seat, int budget) {
    RUNNER.setRelease(this, seat);
    seat.seat(this);
    try {
      return run(seat, budget);
    } finally {
      seat.seat(null);
      Thread.interrupted(); // its code may have set it, and the next process must not see it
    }
  }

  private boolean run(Seat seat, int messages) {
    Behaviour code = behaviour;
    if (code == null) {
      return leaveDead(seat, null); // published by the watchdog while it waited in a queue
    }
    BehaviourCounters counters = runtime.counters(code.module(), origin); // now, because of P6
    boolean watched = runtime.instruments().isPresent();
    if (!initialised && exit == null) { // ended before it began: nothing of it runs
      initialised = true;
      end(watched ? init(code, seat, counters) : invoke(code, seat, null));
    }
    int done = 0;
    for (int budget = messages; ; budget--) {
      if (exit != null) {
        seat.count(counters, done);
        return leaveDead(seat, code);
      }
      if (budget == 0) {
        seat.count(counters, done);
        boolean idle = hasNothingToDo(code) && goIdle(seat);
        return !idle && takeTurn(seat, code);
      }
      Node node = next();
      if (node != null) {
        if (isWanted(code, node)) {
          handled++;
          done++;
          end(
              watched && isObserved(seat, node)
                  ? invokeObserved(code, seat, node, counters)
                  : invoke(code, seat, node));
        }
      } else if (wantsTimeoutNow(code)) {
        end(invoke(code, seat, IdleTimer.timeout()));
      } else if (goIdle(seat)) {
        seat.count(counters, done);
        return false;
      }
    }
  }

  /** Whether all it has taken out of the mailbox is handled; others may be adding to it. */
  private boolean hasNothingToDo(Behaviour code) {
    IdleTimer timer = code.idleTimer();
    return first == null && (timer == null || !timer.isZero());
  }

  /**
   * Any message but a system message ends the wait for a timeout; a system message starts it anew
   * (2.45).
   */
  private boolean isWanted(Behaviour code, Node node) {
    Object message = node.message;
    if (message == WAKE) {
      return false;
    }
    IdleTimer timer = code.idleTimer();
    if (timer == null) {
      return true;
    }
    if (message instanceof IdleTimer.Expired expired) {
      return !suspended && timer.isCurrent(expired);
    }
    if (message instanceof SystemMessage.Ping) {
      return true; // comes again and again, and would put off a timeout for ever
    }
    if (message instanceof SystemMessage) {
      timer.again();
    } else {
      timer.invalidate();
    }
    return true;
  }

  private boolean wantsTimeoutNow(Behaviour code) {
    IdleTimer timer = code.idleTimer();
    return timer != null && !suspended && timer.takeZero();
  }

  private @Nullable Node next() {
    Bound b = bound;
    if (b == null) {
      return suspended ? pollSystem() : poll();
    }
    return b.locksConsumer() ? nextLocked(b) : next(b);
  }

  private @Nullable Node nextLocked(Bound b) {
    synchronized (b) { // B3
      return next(b);
    }
  }

  private @Nullable Node next(Bound b) {
    Node node = suspended ? pollSystem() : poll();
    if (node != null) {
      b.release(node);
    }
    return node;
  }

  private boolean goIdle(Seat seat) {
    RUNNER.setRelease(this, null); // P5
    Bound b = bound;
    boolean idle;
    if (b != null && b.locksConsumer()) {
      synchronized (b) {
        idle = (first == null || suspended) && rest(IDLE);
      }
    } else {
      idle = rest(IDLE);
    }
    if (!idle) {
      RUNNER.setRelease(this, seat);
    }
    return idle; // P6
  }

  /** The budget is used up: others first. */
  private boolean takeTurn(Seat seat, Behaviour code) {
    synchronized (this) {
      if (exit == null) {
        runner = null; // P5
        return true;
      }
    }
    return leaveDead(seat, code);
  }

  /**
   * Runs a child that this process has just made and waits for. If it may be, on this very thread,
   * until it has handled its first request: this process would do nothing else meanwhile, and two
   * switches are saved. To everybody this process then is in user code: in its child's. If it is
   * ended meanwhile, the watchdog publishes that, and the child ends by its link.
   *
   * <p>Not where code of this process's callbacks may have something in thread locals that is not
   * the child's to see, and that would be cleared behind its back.
   *
   * @param mayBeHere whether this process waits without a timeout and carries nothing
   */
  void runChild(Process child, Seat seat, boolean mayBeHere) {
    if (!mayBeHere
        || child.needsOwnThread()
        || seat.nested == Seat.MAX_NESTED
        || runtime.scheduler().clears() && !isSupervisor()
        || !stepAside(seat)) {
      runtime.scheduler().schedule(child);
      return;
    }
    boolean interrupted = Thread.interrupted(); // by its own code, which did not mean the child
    Request open = seat.request;
    seat.request = null;
    seat.nested++;
    boolean again = child.activate(seat, 1);
    seat.nested--;
    seat.seat(this);
    seat.request = open;
    synchronized (this) {
      runner = seat;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    runtime.scheduler().afterActivation(runtime);
    if (again) {
      runtime.scheduler().schedule(child);
    }
  }

  /** P5; {@code false} if this process has been ended: then its interrupt may be on its way. */
  private boolean stepAside(Seat seat) {
    var away = new Seat.Away(seat, this);
    synchronized (this) {
      if (exit != null) {
        return false;
      }
      runner = away;
      return true;
    }
  }

  /** P5: no interrupt meant for this process comes after this. */
  private boolean leaveDead(Seat seat, @Nullable Behaviour code) {
    seat.leaveUserCode();
    publish(false);
    endTimeout(code); // once more if the watchdog published: its code may have asked for another
    synchronized (this) {
      runner = null;
    }
    Request left = seat.request;
    if (left != null) { // R2, where the watchdog published before it could see it
      seat.request = null;
      left.fail(exit == null ? ExitReason.NO_PROCESS : exit);
    }
    Thread.interrupted();
    return false;
  }

  private @Nullable ExitReason invoke(Behaviour code, Seat seat, @Nullable Node node) {
    try {
      seat.request = node instanceof Request request ? request : null;
      seat.enterUserCode();
      if (node == null) {
        return code.init(this);
      }
      Tracing tracing = runtime.tracing;
      if (tracing != null) {
        tracing.received(this, node);
      }
      return switch (node.kind()) {
        case Node.CAST -> code.onCast(node.message, this);
        case Node.CALL -> invokeCall(code, seat, (Request) node);
        default -> {
          receipt(node);
          yield code.onInfo(info(node.message), this);
        }
      };
    } catch (Throwable t) {
      ExitReason reason = crashed(t);
      if (reason.isAbnormal() && exit == null) {
        // What a server throws it has caught and reported itself.
        report(CrashReport.of(this, reason));
      }
      return reason;
    } finally {
      seat.leaveUserCode();
    }
  }

  private static boolean isObserved(Seat seat, Node node) {
    return seat.samples || Carried.of(node) != null;
  }

  /** In what is carried by the request that the process is started with. */
  private @Nullable ExitReason init(Behaviour code, Seat seat, BehaviourCounters counters) {
    Bound b = bound;
    Node node = first != null || b != null && b.locksConsumer() ? first : refill();
    if (!(node instanceof Request request) || request.isBounded() || request.carried == null) {
      return invoke(
          code, seat, null); // a start passes every bound; a system message carries nothing
    }
    Object context = request.carried.context();
    if (context == null) {
      return invoke(code, seat, null);
    }
    request.carried = null; // the answer to the starter is no second piece of work
    return invokeIn(context, code, seat, null, request.message, counters);
  }

  /** A message that carries something, or whose callback is measured. */
  private @Nullable ExitReason invokeObserved(
      Behaviour code, Seat seat, Node node, BehaviourCounters counters) {
    Carried carried = Carried.of(node);
    boolean sample = seat.samples;
    seat.samples = sample && runtime.instruments().every() == 1; // else the first of an activation
    long start = System.nanoTime();
    if (carried != null && carried.sentAt() != 0) {
      runtime.instruments().sample(s -> s.mailbox(counters, start - carried.sentAt()));
    }
    int waiting = mailboxSize();
    ExitReason changed = verify(node, carried, seat);
    if (changed != null) {
      return changed;
    }
    Object context = carried == null ? null : carried.context();
    ExitReason reason =
        context == null
            ? invoke(code, seat, node)
            : invokeIn(context, code, seat, node, node.message, counters);
    if (sample) {
      runtime.instruments().sample(s -> s.callback(counters, waiting, System.nanoTime() - start));
    }
    return reason;
  }

  /** A message that was changed after its send ends the process, as a callback that throws does. */
  private @Nullable ExitReason verify(Node node, @Nullable Carried carried, Seat seat) {
    try {
      runtime.instruments().verify(node.message, carried);
      return null;
    } catch (RuntimeException e) { // or what the iterator of a collection throws
      seat.request = node instanceof Request request ? request : null;
      ExitReason reason = crashed(e);
      if (exit == null) {
        report(CrashReport.of(this, reason));
      }
      return reason;
    }
  }

  /** Opening and closing a context is code of others, so done as a callback is. */
  private @Nullable ExitReason invokeIn(
      Object context,
      Behaviour code,
      Seat seat,
      @Nullable Node node,
      Object message,
      BehaviourCounters counters) {
    seat.enterUserCode();
    MessageContext.CallbackScope scope =
        runtime.instruments().open(context, this, counters, message);
    seat.leaveUserCode();
    ExitReason reason = invoke(code, seat, node);
    if (scope != null) {
      seat.enterUserCode();
      runtime.instruments().close(scope, reason);
      seat.leaveUserCode();
    }
    return reason;
  }

  private static Info info(Object message) {
    return switch (message) {
      case Info info -> info;
      case IdleTimer.Expired _ -> new Info.Timeout();
      default -> new Info.Message(message);
    };
  }

  private @Nullable ExitReason invokeCall(Behaviour code, Seat seat, Request request)
      throws Exception {
    ExitReason reason =
        request.message instanceof SystemMessage message
            ? onSystem(code, request, message)
            : code.onCall(request, this);
    if (reason == null) {
      seat.request = null;
      if (!request.isDecided()) {
        defer(request);
      }
    }
    return reason; // with a reason, the request is answered at publication if it was not here
  }

  private @Nullable ExitReason onSystem(Behaviour code, Request request, SystemMessage message)
      throws Exception {
    switch (message) {
      case SystemMessage.Ping _ -> {
        request.reply(Call.Ok.OK);
        return null;
      }
      case SystemMessage.Suspend _ -> suspend(true);
      case SystemMessage.Resume _ -> suspend(false);
      case SystemMessage.GetStatus _ -> {
        request.reply(status(code));
        return null;
      }
      case SystemMessage.Debug command -> {
        request.reply(obey(command));
        return null;
      }
      default -> {
        return code.system(message, request, suspended, this);
      }
    }
    code.onSuspended(suspended);
    request.reply(Call.Ok.OK);
    return null;
  }

  private Sys.Status status(Behaviour code) {
    Pid parent = parent();
    return new Sys.Status(
        this,
        name(),
        code.module().name(),
        code.module().behaviour(),
        suspended,
        parent != null && isLinkedParent(parent) ? parent : null,
        dictionary(),
        debugging(),
        code.status());
  }

  // --- tracing

  void traced(int slot, boolean on) {
    synchronized (this) {
      traced = (byte) (on ? traced | 1 << slot : traced & ~(1 << slot));
    }
  }

  boolean isTraced(int slot) {
    return (traced & 1 << slot) != 0;
  }

  // --- debugging; runner only

  private Object obey(SystemMessage.Debug command) {
    Extra x;
    synchronized (this) {
      x = extra();
    }
    SysDebug debug = x.debug;
    if (debug == null) {
      x.debug = debug = new SysDebug();
    }
    Object answer = debug.obey(command, runtime);
    debugged = debug.isActive();
    if (!debugged) {
      x.debug = null;
    }
    return answer;
  }

  /** Tells those who debug this process. */
  void debug(SystemEvent event) {
    Extra x = extra; // none where its death was published while its code ran
    SysDebug debug = x == null ? null : x.debug;
    if (debug != null) {
      debug.handle(event, this);
      debugged = debug.isActive();
    }
  }

  private List<String> debugging() {
    Extra x = extra;
    return x == null || x.debug == null ? List.of() : x.debug.names();
  }

  private ExitReason crashed(Throwable t) {
    ExitReason outside = exit;
    // What a killed process throws is not why it ended.
    return outside != null ? outside : ExitReason.of(t);
  }

  private void end(@Nullable ExitReason reason) {
    if (reason != null) {
      EXIT.compareAndSet(this, null, reason); // P1
    }
  }

  // --- raw processes

  /** The thread of a raw process. */
  void runBody(Consumer<Self<Object>> body) {
    var seat = new Seat(Thread.currentThread());
    Seat.bind(seat);
    seat.seat(this);
    RUNNER.setRelease(this, seat);
    ExitReason reason;
    if (exit != null) {
      leaveDead(seat, null);
      return;
    }
    try {
      seat.enterUserCode();
      body.accept(this);
      reason = ExitReason.NORMAL;
    } catch (Throwable t) {
      reason = crashed(t);
    } finally {
      seat.leaveUserCode();
    }
    if (reason instanceof ExitReason.Crash && exit == null) {
      seat.enterUserCode();
      report(new ErrorReport(this, reason));
      seat.leaveUserCode();
    }
    EXIT.compareAndSet(this, null, reason);
    leaveDead(seat, null);
    seat.end();
  }

  /**
   * From here on this raw process runs {@code code}, on its own thread, until that ends: {@code
   * enter_loop}. The body it came from is left by the error that every use of an ended process
   * throws.
   *
   * @param first what {@code code} handles before any message, {@code null} for nothing
   */
  void enterLoop(Behaviour code, @Nullable Object first) {
    Seat seat = enter();
    try {
      if (behaviour != null || seat.inClause) {
        throw new IllegalStateException(
            "Process "
                + this
                + (behaviour == null
                    ? " cannot enter a loop in a clause of a receive."
                    : " runs " + behaviour.module() + " already.")
                + " Call enterLoop at the end of the body that a process was spawned with.");
      }
      behaviour = code;
      initialised = true;
      if (first != null) {
        handleNext(first);
      }
      loop(code, seat);
    } finally {
      seat.enterUserCode();
    }
  }

  private void loop(Behaviour code, Seat seat) {
    BehaviourCounters counters = runtime.counters(code.module(), origin);
    for (int done = 1; exit == null; ) {
      Node node = next();
      if (node != null) {
        if (isWanted(code, node)) {
          handled++;
          seat.count(counters, 1);
          end(
              isObserved(seat, node)
                  ? invokeObserved(code, seat, node, counters)
                  : invoke(code, seat, node));
          if (done++ % Scheduler.BUDGET == 0) {
            Thread.yield();
          }
        }
      } else if (wantsTimeoutNow(code)) {
        end(invoke(code, seat, IdleTimer.timeout()));
      } else {
        awaitMessage(seat, Long.MAX_VALUE);
      }
    }
    runtime.watchdog().watch(this); // the body may catch what is thrown here, and go on
    killedCheck();
  }

  /**
   * While the process is still alive: a handler of reports may send messages, or fail, or block and
   * have to be killed.
   */
  private void report(Report report) {
    try {
      runtime.report(report);
    } catch (Throwable t) {
      // killed meanwhile, or a handler failed badly: neither keeps the death from being told
    }
  }

  // --- suspending

  /**
   * Suspends or resumes: suspended, only system messages are taken from the mailbox; the others
   * stay, in order. Runner only.
   */
  void suspend(boolean suspend) {
    suspended = suspend;
    Extra x = extra;
    if (x != null) {
      x.scanned = null;
    }
  }

  boolean isSuspended() {
    return suspended;
  }

  /**
   * The oldest message that is handled while suspended: a system message, or an exit signal of the
   * parent.
   */
  private @Nullable Node pollSystem() {
    Extra x;
    synchronized (this) {
      x = extra();
    }
    Node before = x.scanned;
    Node node = before == null ? first : before.next;
    for (; ; ) {
      if (node == null) {
        node = refill();
        if (node == null) {
          x.scanned = before;
          return null;
        }
      }
      if (isSystem(node)) {
        unlink(before, node);
        x.scanned = before;
        return node;
      }
      before = node;
      node = node.next;
    }
  }

  private boolean isSystem(Node node) {
    return node.message == WAKE
        || node.message instanceof SystemMessage
        || (node.message instanceof Exit signal && isLinkedParent(signal.from()));
  }

  // --- death

  @Nullable ExitReason exit() {
    return exit;
  }

  boolean isAlive() {
    return exit == null;
  }

  /** Ends this process with {@code reason} unless it is ending already. Any thread. */
  void terminate(ExitReason reason) {
    if (EXIT.compareAndSet(this, null, reason)) {
      finish();
    }
  }

  /** After {@code exit} was set from outside: sees to it that the death is published. */
  private void finish() {
    Node before = pushAndWake(new Node(WAKE, Node.SIGNAL));
    if (before == IDLE || before == DEAD) {
      return; // whoever takes it from the run queue sees `exit`
    }
    synchronized (this) {
      Seat seat = runner;
      if (published) {
        return;
      }
      if (seat != null) {
        seat.interrupt(); // P5
      }
    }
    // Also where no runner is seen: one may have begun just now, and have read `exit` before and
    // written `runner` after we looked.
    runtime.watchdog().watch(this);
  }

  /** An exit signal that {@code from} sent. */
  void exitSignal(Pid from, ExitReason reason) {
    if (reason instanceof ExitReason.Kill) {
      terminate(ExitReason.KILLED);
    } else if (trapExits) {
      deliverSignal(new Exit(from, reason));
    } else if (!(reason instanceof ExitReason.Normal)) {
      terminate(reason);
    }
  }

  /**
   * The exit signal of a link. Checked and decided under the lock, so that {@code unlink} is a
   * barrier.
   */
  void linkBroken(Process from, ExitReason reason) {
    synchronized (this) {
      if (!removeLink(from)) {
        return;
      }
      Tracing tracing = runtime.tracing;
      if (tracing != null) {
        tracing.tell(this, Tracer.Kind.GETTING_UNLINKED, from, null);
      }
      if (trapExits) {
        deliverSignal(new Exit(from, reason));
        return;
      }
      if (reason instanceof ExitReason.Normal || !EXIT.compareAndSet(this, null, reason)) {
        return;
      }
    }
    finish();
  }

  /**
   * Tells everybody (P3).
   *
   * @param byWatchdog whether the runner is stuck in user code; then it becomes a zombie
   */
  boolean publish(boolean byWatchdog) {
    Object linked;
    Extra x;
    Seat seat;
    synchronized (this) {
      if (published) {
        return false;
      }
      seat = runner;
      if (byWatchdog && (seat == null || !seat.isInUserCode())) {
        return false; // P2: it is on its way out itself
      }
      published = true;
      linked = links;
      links = null;
      x = extra;
      extra = null;
      if (x != null && x.name != null) {
        // under the lock: who finds this process published finds its name free
        runtime.names().release(x.name, this);
      }
    }
    ExitReason reason = exit;
    if (reason == null) {
      throw new IllegalStateException("published alive: " + this);
    }
    Tracing tracing = runtime.tracing;
    if (tracing != null) {
      tracing.ended(this, x == null ? null : x.name, reason);
    }
    Node sent;
    Node own;
    Bound b = bound;
    if (b != null && b.locksConsumer()) {
      synchronized (b) { // B3: a sender may be about to take one out
        sent = close();
        own = takeOwn();
      }
    } else {
      sent = close();
      own = takeOwn();
    }
    if (b != null) {
      b.end();
    }
    if (x != null && x.exitHooks != null) {
      runHooks(x.exitHooks, reason);
    }
    if (x != null) {
      cancelTimers(x.timers);
    }
    Behaviour code = behaviour;
    endTimeout(code);
    Origin from = origin;
    behaviour = null;
    origin = Origin.NONE;
    runtime.ended(this, code, from, reason);
    if (linked instanceof Process other) {
      other.linkBroken(this, reason);
    } else if (linked instanceof PidSet set) {
      set.forEach(other -> other.linkBroken(this, reason));
    }
    if (x != null) {
      publishMonitors(x, reason);
    }
    tellTheLate(x);
    Request current = seat != null && seat.process() == this ? seat.request : null;
    if (current != null) {
      current.fail(reason);
    }
    failAll(own, reason);
    failAll(sent, reason);
    if (x != null && x.deferred != null) {
      for (Request request : List.copyOf(x.deferred)) {
        request.fail(reason);
      }
    }
    return true;
  }

  private void tellTheLate(@Nullable Extra x) {
    var late = new ArrayList<Runnable>();
    synchronized (this) {
      told = true;
      if (x != null && x.late != null) {
        late.addAll(x.late);
      }
      if (extra != null && extra.late != null) {
        late.addAll(extra.late);
      }
      extra = null;
    }
    late.forEach(Runnable::run);
  }

  private static void endTimeout(@Nullable Behaviour code) {
    IdleTimer timer = code == null ? null : code.idleTimer();
    if (timer != null) {
      timer.end();
    }
  }

  private @Nullable Node takeOwn() {
    Node own = first;
    first = null;
    last = null;
    return own;
  }

  private void runHooks(List<Consumer<ExitReason>> hooks, ExitReason reason) {
    // That of this process or, after reap, none: hooks act for no process, since this one is dead.
    Seat seat = Seat.current();
    Process seated = seat == null ? null : seat.process();
    if (seat != null) {
      seat.seat(null);
    }
    for (Consumer<ExitReason> hook : hooks) {
      try {
        hook.accept(reason);
      } catch (RuntimeException | Error e) {
        runtime.internalError("an exit hook", e);
      }
    }
    if (seat != null) {
      seat.seat(seated);
    }
  }

  private void publishMonitors(Extra x, ExitReason reason) {
    if (x.monitoredBy != null) {
      x.monitoredBy.forEach(ref -> Signals.down(ref, reason));
    }
    if (x.monitors != null) {
      x.monitors.forEach(Signals::dropMonitor);
    }
  }

  private static void failAll(@Nullable Node node, ExitReason reason) {
    for (Node n = node; n != null; n = n.next) {
      if (n instanceof Request request) {
        request.fail(reason);
      }
    }
  }

  /**
   * Called by the watchdog a grace period after {@code exit}; returns whether there is nothing more
   * to see to.
   */
  boolean reap() {
    synchronized (this) {
      if (published) {
        return true;
      }
      Seat seat = runner;
      if (seat != null) {
        // Once more: the first may have come before it began to wait, or to be the runner.
        seat.interrupt();
      }
    }
    return publish(true);
  }

  /** Whether the thread still runs code of this dead process. */
  boolean isZombie() {
    return published && runner != null;
  }

  @Nullable Seat runner() {
    return runner;
  }

  // --- links, monitors, names: guarded by this

  /**
   * Under the lock, before a process gives itself a link: whatever else should fail, a process
   * whose links have been told gets no new ones.
   *
   * @throws ProcessKilledError if this process's death has been published
   */
  void checkUnpublished() {
    if (published) {
      throw new ProcessKilledError(this, exit == null ? ExitReason.KILLED : exit);
    }
  }

  /** Whether links and monitors can still be made. */
  boolean accepts() {
    return exit == null && !published;
  }

  /**
   * Whether this process is dying and not everybody has been told yet. Who links to it or monitors
   * it now is told {@code noproc}, but not before its name is free and its death is told to the
   * others: then {@code tell} is run.
   */
  boolean tellLate(Runnable tell) {
    if (exit == null || told) {
      return false;
    }
    Extra x = extra(); // after publication has begun a new one
    (x.late == null ? x.late = new ArrayList<>() : x.late).add(tell);
    return true;
  }

  boolean hasLink(Process other) {
    return links == other || (links instanceof PidSet set && set.contains(other));
  }

  void addLink(Process other) {
    if (links == null) {
      links = other;
    } else if (links instanceof PidSet set) {
      set.add(other);
    } else if (links != other) {
      var set = new PidSet();
      set.add((Process) links);
      set.add(other);
      links = set;
    }
  }

  boolean removeLink(Process other) {
    if (links == other) {
      links = null;
      return true;
    }
    return links instanceof PidSet set && set.remove(other);
  }

  void addMonitor(MonitorRef ref) {
    Extra x = extra();
    (x.monitors == null ? x.monitors = new LinkedHashSet<>() : x.monitors).add(ref);
  }

  void removeMonitor(MonitorRef ref) {
    if (extra != null && extra.monitors != null) {
      extra.monitors.remove(ref);
    }
  }

  void addMonitoredBy(MonitorRef ref) {
    Extra x = extra();
    (x.monitoredBy == null ? x.monitoredBy = new LinkedHashSet<>() : x.monitoredBy).add(ref);
  }

  void removeMonitoredBy(MonitorRef ref) {
    if (extra != null && extra.monitoredBy != null) {
      extra.monitoredBy.remove(ref);
    }
  }

  private Extra extra() {
    Extra x = extra;
    return x == null ? extra = new Extra() : x;
  }

  @Nullable String name() {
    Extra x = extra;
    return x == null ? null : x.name;
  }

  void name(@Nullable String name) {
    extra().name = name;
  }

  @Nullable String nameOrLabel() {
    Extra x = extra;
    return x == null ? null : x.name != null ? x.name : x.label;
  }

  /**
   * Runs {@code hook} at death, before links and monitors fire; returns {@code false} if it is dead
   * already.
   */
  boolean atExit(Consumer<ExitReason> hook) {
    synchronized (this) {
      if (published) {
        return false;
      }
      Extra x = extra();
      (x.exitHooks == null ? x.exitHooks = new ArrayList<>() : x.exitHooks).add(hook);
      return true;
    }
  }

  // --- timers

  /**
   * Remembers a timer for this process, so that it does not outlive it; {@code false} if the
   * process has ended.
   */
  boolean addTimer(TimerRef timer) {
    synchronized (this) {
      if (published) {
        return false;
      }
      Extra x = extra();
      timer.link(x.timers);
      x.timers = timer;
      return true;
    }
  }

  /** Forgets a timer that has fired or was cancelled. */
  void removeTimer(TimerRef timer) {
    synchronized (this) {
      if (extra != null) {
        extra.timers = timer.unlink(extra.timers);
      }
    }
  }

  /** Nobody else uses the list of a process whose death is being published. */
  private void cancelTimers(@Nullable TimerRef timers) {
    for (TimerRef timer = timers; timer != null; timer = timer.after()) {
      timer.disarm();
    }
  }

  // --- calls put off

  /** Another request takes the place of the one that is being handled; see {@link Behaviour}. */
  void handling(@Nullable Request request) {
    Seat seat = enter();
    try {
      Request before = seat.request;
      if (before != null && before != request && !before.isDecided()) {
        defer(before);
      }
      seat.request = request;
    } finally {
      seat.enterUserCode();
    }
  }

  /** The server answers later; its death must answer if it does not. */
  private void defer(Request request) {
    synchronized (this) {
      if (published) {
        request.fail(exit == null ? ExitReason.NO_PROCESS : exit);
        return;
      }
      Extra x = extra();
      (x.deferred == null ? x.deferred = new LinkedHashSet<>() : x.deferred).add(request);
      request.deferredBy = this;
    }
    if (request.isDecided()) {
      // A reply came between: it may have missed deferredBy, we do not miss the reply.
      undefer(request);
    }
  }

  void undefer(Request request) {
    synchronized (this) {
      if (extra != null && extra.deferred != null) {
        extra.deferred.remove(request);
      }
    }
  }

  // --- origin

  Origin origin() {
    return origin;
  }

  @Nullable Pid parent() {
    List<Pid> ancestors = origin.ancestors();
    return ancestors.isEmpty() ? null : ancestors.getFirst();
  }

  void linkedStart() {
    linkedStart = true;
  }

  boolean isLinkedParent(Pid pid) {
    return linkedStart && parent() == pid;
  }

  Origin childOrigin(@Nullable String application) {
    synchronized (this) {
      Extra x = extra();
      Origin child = x.childOrigin;
      if (child == null || (application != null && !application.equals(child.application()))) {
        child = origin.of(this, application);
        if (application == null) {
          x.childOrigin = child;
        }
      }
      return child;
    }
  }

  @Nullable String label() {
    Extra x = extra;
    return x == null ? null : x.label;
  }

  @Nullable Bound bound() {
    return bound;
  }

  @Nullable MailboxBound boundSpec() {
    Bound b = bound;
    return b == null ? null : b.spec;
  }

  ProcessStatus status() {
    if (exit != null) {
      return ProcessStatus.EXITING;
    }
    if (suspended) {
      return ProcessStatus.SUSPENDED;
    }
    if (isResting()) {
      return ProcessStatus.WAITING;
    }
    Seat seat = runner;
    return seat == null ? ProcessStatus.RUNNABLE : ProcessStatus.RUNNING;
  }

  String situation() {
    Seat seat = runner;
    return " (mailbox "
        + mailboxSize()
        + ", "
        + (exit != null ? "ended" : seat == null ? "waiting" : "running")
        + ")";
  }

  boolean trapsExits() {
    return trapExits;
  }

  /** At most {@code most}: a supervisor may be linked to a million. */
  List<Pid> linkedPids(int most) {
    var list = new ArrayList<Pid>();
    synchronized (this) {
      if (links instanceof Process other) {
        list.add(other);
      } else if (links instanceof PidSet set) {
        set.addTo(list, most);
      }
    }
    return list;
  }

  int linkCount() {
    Object l = links;
    return l == null ? 0 : l instanceof PidSet set ? set.size() : 1;
  }

  List<Object> monitoredObjects(int most) {
    synchronized (this) {
      return extra == null || extra.monitors == null
          ? List.of()
          : extra.monitors.stream().limit(most).map(ref -> ref.object).toList();
    }
  }

  List<Pid> monitoringPids(int most) {
    synchronized (this) {
      return extra == null || extra.monitoredBy == null
          ? List.of()
          : extra.monitoredBy.stream().limit(most).<Pid>map(ref -> ref.owner).toList();
    }
  }

  int monitorCount() {
    Extra x = extra;
    return x == null || x.monitors == null ? 0 : x.monitors.size();
  }

  /** What it runs, as far as tools are concerned. Any thread. */
  CallbackModule callbackModule() {
    Behaviour b = behaviour;
    return b == null ? CallbackModule.RAW : b.module();
  }

  /** Its mailbox has refused or dropped a message. Any thread. */
  void countRefused() {
    runtime.counters(callbackModule(), origin).refused.increment();
  }

  /** Messages that a full mailbox refused or dropped. */
  long refused() {
    Bound b = bound;
    return b == null ? 0 : b.refused.sum();
  }

  // --- Self

  /** Every operation of Self begins here and ends with {@code seat.enterUserCode()}. */
  private Seat enter() {
    Seat seat = runner;
    if (seat == null || seat.thread != Thread.currentThread()) {
      throw new IllegalStateException(
          "Self of "
              + this
              + " was used outside its process, on thread '"
              + Thread.currentThread().getName()
              + "'. Use Self only in the callback or body it was given to; other threads send to"
              + " the Pid through ProcessRuntime.");
    }
    seat.leaveUserCode();
    if (exit != null) {
      seat.enterUserCode();
      throw new ProcessKilledError(this, exit);
    }
    return seat;
  }

  /**
   * @throws ProcessKilledError if this process has been ended
   */
  void killedCheck() {
    ExitReason reason = exit;
    if (reason != null) {
      throw new ProcessKilledError(this, reason);
    }
  }

  @Override
  public Pid pid() {
    return this;
  }

  @Override
  public ProcessRuntime runtime() {
    return runtime;
  }

  @Override
  public void send(Pid to, Object message) {
    Object context = runtime.instruments().capture();
    Seat seat = enter();
    try {
      runtime.send((Process) to, message, context, seat);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public void send(String to, Object message) {
    Object context = runtime.instruments().capture();
    Seat seat = enter();
    try {
      runtime.send(runtime.names().require(to), message, context, seat);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public void send(Alias to, Object message) {
    Object context = runtime.instruments().capture();
    Seat seat = enter();
    try {
      runtime.deliver(to, message, context, seat);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Pid spawn(Consumer<Self<Object>> body) {
    return spawnRaw(body, SpawnOptions.NONE).pid();
  }

  @Override
  public Pid spawnLink(Consumer<Self<Object>> body) {
    return spawnRaw(body, SpawnOptions.LINK).pid();
  }

  @Override
  public Monitored spawnMonitor(Consumer<Self<Object>> body) {
    return spawnRaw(body, SpawnOptions.MONITOR);
  }

  private Monitored spawnRaw(Consumer<Self<Object>> body, SpawnOptions options) {
    Seat seat = enter();
    try {
      return runtime.spawn(this, null, body, options, null);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Monitored spawn(Behaviour behaviour, SpawnOptions options) {
    Seat seat = enter();
    try {
      return runtime.spawn(this, behaviour, null, options, null);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public void exit(Pid to, ExitReason reason) {
    Seat seat = enter();
    try {
      if (to != this) {
        ((Process) to).exitSignal(this, reason);
        return;
      }
      if (trapExits && !(reason instanceof ExitReason.Kill)) {
        deliverSignal(new Exit(this, reason));
        return;
      }
      EXIT.compareAndSet(
          this, null, reason instanceof ExitReason.Kill ? ExitReason.KILLED : reason);
      runtime.watchdog().watch(this); // its code may go on all the same
      killedCheck();
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public boolean trapExits(boolean trap) {
    Seat seat = enter();
    boolean before = trapExits;
    trapExits = trap;
    seat.enterUserCode();
    return before;
  }

  @Override
  public void link(Pid other) {
    Seat seat = enter();
    try {
      if (!Signals.link(this, (Process) other, trapExits)) {
        throw new ProcessExit(ExitReason.NO_PROCESS);
      }
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public void unlink(Pid other) {
    Seat seat = enter();
    try {
      Signals.unlink(this, (Process) other);
    } finally {
      seat.enterUserCode();
    }
    killedCheck();
  }

  @Override
  public Ref monitor(Pid other) {
    Seat seat = enter();
    try {
      return Signals.monitor(this, (Process) other, other);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Ref monitor(String name) {
    Seat seat = enter();
    try {
      return Signals.monitor(this, runtime.names().whereis(name), name);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Alias monitor(Pid other, Alias.Mode mode) {
    if (mode == Alias.Mode.REPLY) {
      throw new IllegalArgumentException(
          "The alias of a monitor cannot be " + mode + "; see Alias.Mode.REPLY_DEMONITOR");
    }
    Seat seat = enter();
    try {
      return Signals.monitor(this, (Process) other, other, mode);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Alias alias(Alias.Mode mode) {
    Seat seat = enter();
    try {
      return Alias.of(this, mode);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public boolean unalias(Alias alias) {
    Seat seat = enter();
    try {
      synchronized (this) {
        return alias.owner == this && alias.close();
      }
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public boolean demonitor(Ref ref) {
    Seat seat = enter();
    try {
      return Signals.demonitor(this, ref);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public boolean demonitorFlush(Ref ref) {
    Seat seat = enter();
    try {
      boolean active = Signals.demonitor(this, ref);
      if (!active) {
        seat.flushes++;
        flushDown(ref);
      }
      return active;
    } finally {
      seat.enterUserCode();
    }
  }

  private void flushDown(Ref ref) {
    Bound b = bound;
    if (b != null && b.locksConsumer()) {
      synchronized (b) {
        removeDown(ref);
      }
    } else {
      removeDown(ref);
    }
  }

  private void removeDown(Ref ref) {
    refill();
    Node before = null;
    for (Node n = first; n != null; before = n, n = n.next) {
      if (n.message instanceof Down down && down.ref() == ref) {
        unlink(before, n);
        return;
      }
    }
  }

  @Override
  public void register(String name) {
    Seat seat = enter();
    try {
      runtime.names().register(name, this);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public void unregister() {
    Seat seat = enter();
    try {
      runtime.names().unregister(this, name());
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public void label(String text) {
    Seat seat = enter();
    try {
      setLabel(text);
    } finally {
      seat.enterUserCode();
    }
  }

  void setLabel(String text) {
    synchronized (this) {
      if (!published) {
        extra().label = text.length() <= 100 ? text : text.substring(0, 100);
      }
    }
  }

  @Override
  public <T> Optional<T> receive(Duration timeout, Function<Object, Receive<T>> clauses) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "A receive timeout of " + timeout + " is not allowed, it must not be negative");
    }
    return Optional.ofNullable(receiveUntil(runtime.deadline(timeout), clauses));
  }

  @Override
  @SuppressWarnings("NullAway") // without a deadline it returns only what a clause took
  public <T> T receive(Function<Object, Receive<T>> clauses) {
    return receiveUntil(Long.MAX_VALUE, clauses);
  }

  @Override
  public Object receive() {
    return receive(Receive::take);
  }

  private <T> @Nullable T receiveUntil(long deadline, Function<Object, Receive<T>> clauses) {
    Seat seat = enter();
    try {
      return new SelectiveReceive<>(this, seat, deadline, clauses).run();
    } finally {
      seat.enterUserCode();
    }
  }

  boolean isOver(long deadline) {
    return deadline != Long.MAX_VALUE && runtime.nanoTime() - deadline >= 0;
  }

  /** Waits for a message, for {@link SelectiveReceive}; {@code false} after the deadline. */
  boolean awaitMessage(Seat seat, long deadline) {
    killedCheck();
    if (isOver(deadline)) {
      return false;
    }
    seat.wakeAt(runtime, deadline);
    if (!rest(WAITING)) {
      return true;
    }
    seat.beforeBlock();
    try {
      while (isWaiting()) {
        if (exit != null || isOver(deadline)) {
          wakeUp();
          break;
        }
        seat.park();
        Thread.interrupted(); // an interrupt of its own would make every park return at once
      }
    } finally {
      seat.afterBlock();
    }
    killedCheck();
    return true;
  }

  @Override
  public void sleep(Duration time) {
    Seat seat = enter();
    try {
      long deadline = runtime.deadline(time);
      seat.beforeBlock();
      try {
        seat.wakeAt(runtime, deadline);
        while (exit == null && !isOver(deadline)) {
          seat.park();
          Thread.interrupted();
        }
      } finally {
        seat.afterBlock();
      }
      killedCheck();
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Ref sendAfter(Duration delay, Object message) {
    return sendAfter(delay, this, message);
  }

  @Override
  public Ref sendAfter(Duration delay, Pid to, Object message) {
    Seat seat = enter();
    try {
      return runtime.timer(delay, to, message, false);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Ref startTimer(Duration delay, Object message) {
    Seat seat = enter();
    try {
      return runtime.timer(delay, this, message, true);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Ref sendInterval(Duration period, Object message) {
    Seat seat = enter();
    try {
      return runtime.interval(period, this, message);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Ref exitAfter(Duration delay, Pid to, ExitReason reason) {
    Seat seat = enter();
    try {
      return runtime.exitTimer(delay, (Process) to, new Exit(this, reason));
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Optional<Duration> cancelTimer(Ref timer) {
    Seat seat = enter();
    try {
      return runtime.cancelTimer(timer);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public <R> From<R> from(Call<? super Object, R> request) {
    Seat seat = enter();
    Request current = seat.request;
    seat.enterUserCode();
    if (current == null || current.message != request) {
      throw new IllegalArgumentException(
          "self.from("
              + request.getClass().getSimpleName()
              + ") was asked for a call that is not being handled. Ask for the From while the"
              + " callback handles that very request, and keep the From.");
    }
    return new From<>(current, runtime);
  }

  @Override
  public void checkpoint() {
    Seat seat = enter();
    try {
      long now = System.nanoTime();
      if (now - seat.checkpointAt > 1_000_000) {
        seat.beforeBlock();
        Thread.yield();
        seat.afterBlock();
        seat.checkpointAt = System.nanoTime();
        killedCheck();
      }
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public @Nullable Object get(Object key) {
    Seat seat = enter();
    try {
      Extra x = extra;
      return x == null || x.dictionary == null ? null : x.dictionary.get(key);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public @Nullable Object put(Object key, @Nullable Object value) {
    Seat seat = enter();
    try {
      Extra x;
      synchronized (this) {
        x = extra();
      }
      Map<Object, Object> map =
          x.dictionary == null ? x.dictionary = new HashMap<>() : x.dictionary;
      return value == null ? map.remove(key) : map.put(key, value);
    } finally {
      seat.enterUserCode();
    }
  }

  /** A copy of the process dictionary. On the process's own thread. */
  Map<Object, Object> dictionary() {
    Extra x = extra;
    return x == null || x.dictionary == null ? Map.of() : Map.copyOf(x.dictionary);
  }

  /**
   * Waits on this process's thread for {@code request} to be decided; for {@link ProcessRuntime}.
   */
  boolean awaitDecision(Seat seat, Request request, long deadline) {
    if (request.isDecided()) {
      return true; // a child that ran on this thread: nothing to wait for, no slot to give away
    }
    seat.beforeBlock();
    try {
      seat.wakeAt(runtime, deadline);
      while (!request.isDecided()) {
        if (exit != null || isOver(deadline)) {
          return false;
        }
        seat.park();
        Thread.interrupted();
      }
      return true;
    } finally {
      seat.afterBlock();
    }
  }

  Seat enterRuntime() {
    return enter();
  }
}
