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
 * <p>Threads. One thread at a time runs the process, the <em>runner</em>: the owner of {@code first}, {@code last}, {@code
 * behaviour}, {@code handled}, {@code suspended}. Any thread sends to it, links to it, monitors it, ends it. What several threads
 * touch ({@code links}, {@code extra}'s sets, {@code published}) is guarded by the lock of this object; two processes are locked
 * together only by {@link Signals}, the older one first. No user code runs and nothing blocks under the lock.
 *
 * <p>Death. {@code exit} is set once, by whoever is first: the process itself (returned, threw), or a signal from outside. From
 * then on the process is dead to {@code isAlive} and every use of the runtime by its code throws. Its effects on others (name,
 * calls, links, monitors) are <em>published</em> once: by the runner as soon as it is inside the runtime or back from the
 * callback, else, where its code neither returns nor calls, by the watchdog.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>P1 {@code exit} goes from null to a reason once and never changes: the first reason wins.
 *   <li>P2 Death is published exactly once, and only while the runner is inside the runtime on its way out or in user code; so
 *       whatever a process did through the runtime before (a send, a link) is complete and in order before anyone sees its death.
 *       The watchdog publishes a grace period after {@code exit} was set: by then a runner that is in user code has made its
 *       {@code inUserCode} visible, and one that enters the runtime sees {@code exit}.
 *   <li>P3 Order of publication: name, then calls, then the process table, then links and monitors.
 *   <li>P4 {@code other} is in the links of this process if and only if this one is in the links of {@code other}, at every moment
 *       at which neither is locked and both are unpublished.
 *   <li>P5 An interrupt meant for this process reaches its runner only while {@code runner} names it: both are done under the
 *       lock; the runner is taken out before {@code rest(IDLE)}, or under the lock where a killed process is left.
 *   <li>P6 After {@code rest(IDLE)} succeeded the runner touches nothing of the process.
 * </ul>
 *
 * The happens-before edge from one runner to the next is the run queue; from a sender to the runner it is the mailbox.
 */
final class Process extends Mailbox implements Self<Object> {

  private static final Object WAKE = "wake";

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

  // owned by the runner
  @Nullable Behaviour behaviour;
  long handled;
  private boolean initialised;
  private boolean suspended;

  /** Whether the process that started this one linked to it. */
  private boolean linkedStart;

  // set before the first message, cleared at death
  private @Nullable Bound bound;
  private Origin origin;

  // guarded by this
  private @Nullable Object links; // null, a Process, or a PidSet
  private @Nullable Extra extra;
  private boolean published;

  /** What few processes have. Guarded by the process's lock, except {@code dictionary} and {@code scanned}, which are the runner's. */
  private static final class Extra {
    @Nullable String name;
    @Nullable String label;
    @Nullable Set<MonitorRef> monitors;
    @Nullable Set<MonitorRef> monitoredBy;
    @Nullable Set<Request> deferred;
    @Nullable List<Runnable> exitHooks;
    @Nullable Origin childOrigin;
    @Nullable Map<Object, Object> dictionary;
    Mailbox.@Nullable Node scanned;
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

  // --- sending to this process

  static Node node(Object message) {
    return new Node(message, message instanceof Cast ? Node.CAST : Node.INFO);
  }

  /** Delivers a message or request, unless the bound refuses; {@code sender} is the seat of the current thread, if known. */
  Bound.Verdict deliver(Node node, @Nullable Seat sender) {
    Bound b = bound;
    if (b != null) {
      Bound.Verdict verdict = b.admit(this, node, sender);
      if (verdict != Bound.Verdict.ADMITTED) {
        return verdict;
      }
    }
    pushAndWake(node);
    return Bound.Verdict.ADMITTED;
  }

  /** Delivers a message that no bound refuses. */
  void deliverAnyway(Node node) {
    Bound b = bound;
    if (b != null) {
      b.takeAnyway();
    }
    pushAndWake(node);
  }

  /** Delivers an exit, a down and the like. */
  void deliverSignal(Object message) {
    pushAndWake(new Node(message, Node.SIGNAL));
  }

  /** Returns what {@link #push} returned. */
  private @Nullable Node pushAndWake(Node node) {
    Node before = push(node);
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
    return before;
  }

  boolean needsOwnThread() {
    Behaviour b = behaviour;
    return b != null && b.module().needsOwnThread();
  }

  /** For {@link Overload#DROP_OLDEST}, under the bound's lock (B3). */
  @Nullable Node removeOldest() {
    refill();
    Node before = null;
    for (Node n = first; n != null; before = n, n = n.next) {
      if (n.kind() != Node.SIGNAL) {
        unlink(before, n);
        return n;
      }
    }
    return null;
  }

  // --- running

  /**
   * Handles messages until there are none, the budget is used up, or the process ends.
   *
   * @return whether it wants to be scheduled again
   */
  boolean activate(Seat seat) {
    RUNNER.setRelease(this, seat);
    seat.seat(this);
    try {
      return run(seat);
    } finally {
      seat.seat(null);
    }
  }

  private boolean run(Seat seat) {
    Behaviour code = behaviour;
    if (code == null) {
      return leaveDead(seat); // published by the watchdog while it waited in a queue
    }
    if (!initialised) {
      initialised = true;
      end(invoke(code, seat, null));
    }
    for (int budget = Scheduler.BUDGET; ; budget--) {
      if (exit != null) {
        return leaveDead(seat);
      }
      if (budget == 0) {
        return takeTurn(seat);
      }
      Node node = next();
      if (node != null) {
        if (isWanted(code, node)) {
          handled++;
          end(invoke(code, seat, node));
        }
      } else if (wantsTimeoutNow(code)) {
        end(invoke(code, seat, IdleTimer.timeout()));
      } else if (goIdle(seat)) {
        return false;
      }
    }
  }

  /** Any message but a system message ends the wait for a timeout; a system message starts it anew (2.45). */
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
    if (b != null && b.locksConsumer()) {
      Node node;
      synchronized (b) { // B3
        node = suspended ? pollSystem() : poll();
      }
      if (node != null && node.kind() != Node.SIGNAL) {
        b.release();
      }
      return node;
    }
    Node node = suspended ? pollSystem() : poll();
    if (b != null && node != null && node.kind() != Node.SIGNAL) {
      b.release();
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
  private boolean takeTurn(Seat seat) {
    synchronized (this) {
      if (exit == null) {
        runner = null; // P5
        return true;
      }
    }
    return leaveDead(seat);
  }

  /** P5: no interrupt meant for this process comes after this. */
  private boolean leaveDead(Seat seat) {
    seat.leaveUserCode();
    publish(false);
    synchronized (this) {
      runner = null;
    }
    Thread.interrupted();
    return false;
  }

  private @Nullable ExitReason invoke(Behaviour code, Seat seat, @Nullable Node node) {
    try {
      seat.enterUserCode();
      if (node == null) {
        return code.init(this);
      }
      return switch (node.kind()) {
        case Node.CAST -> code.onCast(node.message, this);
        case Node.CALL -> invokeCall(code, seat, (Request) node);
        default -> code.onInfo(info(node.message), this);
      };
    } catch (Throwable t) {
      return crashed(t);
    } finally {
      seat.leaveUserCode();
    }
  }

  private static Info info(Object message) {
    return switch (message) {
      case Info info -> info;
      case IdleTimer.Expired _ -> new Info.Timeout();
      default -> new Info.Message(message);
    };
  }

  private @Nullable ExitReason invokeCall(Behaviour code, Seat seat, Request request) throws Exception {
    seat.request = request;
    ExitReason reason =
        request.message instanceof SystemMessage message
            ? onSystem(code, request, message)
            : code.onCall(request, this);
    seat.request = null;
    if (reason == null && !request.isDecided()) {
      defer(request);
    } else if (reason != null && !request.isDecided()) {
      seat.request = request; // answered with the exit reason at publication
    }
    return reason;
  }

  private @Nullable ExitReason onSystem(Behaviour code, Request request, SystemMessage message) throws Exception {
    switch (message) {
      case SystemMessage.Suspend _ -> suspend(true);
      case SystemMessage.Resume _ -> suspend(false);
      default -> {
        return code.onSystem(message, request, suspended, this);
      }
    }
    code.onSuspended(suspended);
    request.reply(Call.Ok.OK);
    return null;
  }

  private ExitReason crashed(Throwable t) {
    ExitReason outside = exit;
    return outside != null ? outside : ExitReason.of(t); // what a killed process throws is not why it ended
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
      leaveDead(seat);
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
    boolean mine = EXIT.compareAndSet(this, null, reason);
    if (mine && reason instanceof ExitReason.Crash) {
      runtime.rawProcessCrashed(this, reason);
    }
    leaveDead(seat);
    seat.end(runtime);
  }

  // --- suspending

  /** Suspends or resumes: suspended, only system messages are taken from the mailbox; the others stay, in order. Runner only. */
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

  /** The oldest message that is handled while suspended: a system message, or an exit signal of the parent. */
  private @Nullable Node pollSystem() {
    Extra x = extra();
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
      if (seat != null && seat.thread != Thread.currentThread()) {
        seat.thread.interrupt(); // P5
      }
    }
    // Also where no runner is seen: one may have begun just now, and have read `exit` before and written `runner` after we looked.
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

  /** The exit signal of a link. Checked and decided under the lock, so that {@code unlink} is a barrier. */
  private void linkBroken(Process from, ExitReason reason) {
    synchronized (this) {
      if (!removeLink(from)) {
        return;
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
    }
    ExitReason reason = exit;
    if (reason == null) {
      throw new IllegalStateException("published alive: " + this);
    }
    if (x != null && x.name != null) {
      runtime.releaseName(x.name, this);
    }
    Node sent = close();
    if (seat != null && seat.request != null && seat.process() == this) {
      seat.request.fail(reason);
      seat.request = null;
    }
    failAll(first, reason);
    failAll(sent, reason);
    if (x != null && x.deferred != null) {
      for (Request request : List.copyOf(x.deferred)) {
        request.fail(reason);
      }
    }
    if (bound != null) {
      bound.end();
    }
    if (x != null && x.exitHooks != null) {
      x.exitHooks.forEach(Runnable::run);
    }
    Behaviour code = behaviour;
    first = null;
    last = null;
    behaviour = null;
    origin = Origin.NONE;
    runtime.ended(this, code, reason, byWatchdog);
    if (linked instanceof Process other) {
      other.linkBroken(this, reason);
    } else if (linked instanceof PidSet set) {
      set.forEach(other -> other.linkBroken(this, reason));
    }
    if (x != null) {
      publishMonitors(x, reason);
    }
    return true;
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

  /** Called by the watchdog a grace period after {@code exit}; returns whether there is nothing more to see to. */
  boolean reap() {
    synchronized (this) {
      if (published) {
        return true;
      }
      Seat seat = runner;
      if (seat != null && seat.isInUserCode()) {
        seat.thread.interrupt(); // once more: the first may have come before its code began to wait
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

  /** Whether links and monitors can still be made. */
  boolean accepts() {
    return exit == null && !published;
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

  /** Runs {@code hook} at death, before links and monitors fire; returns {@code false} if it is dead already. */
  boolean atExit(Runnable hook) {
    synchronized (this) {
      if (published) {
        return false;
      }
      Extra x = extra();
      (x.exitHooks == null ? x.exitHooks = new ArrayList<>() : x.exitHooks).add(hook);
      return true;
    }
  }

  // --- calls put off

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
    if (request.isDecided()) { // a reply came between: it may have missed deferredBy, we do not miss the reply
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
    return " (mailbox " + mailboxSize() + ", " + (exit != null ? "ended" : seat == null ? "waiting" : "running") + ")";
  }

  boolean trapsExits() {
    return trapExits;
  }

  List<Pid> linkedPids() {
    var list = new ArrayList<Pid>();
    synchronized (this) {
      if (links instanceof Process other) {
        list.add(other);
      } else if (links instanceof PidSet set) {
        set.forEach(list::add);
      }
    }
    return list;
  }

  int linkCount() {
    Object l = links;
    return l == null ? 0 : l instanceof PidSet set ? set.size() : 1;
  }

  List<Object> monitoredObjects() {
    synchronized (this) {
      return extra == null || extra.monitors == null
          ? List.of()
          : extra.monitors.stream().map(ref -> ref.object).toList();
    }
  }

  List<Pid> monitoringPids() {
    synchronized (this) {
      return extra == null || extra.monitoredBy == null
          ? List.of()
          : extra.monitoredBy.stream().<Pid>map(ref -> ref.watcher).toList();
    }
  }

  int monitorCount() {
    Extra x = extra;
    return x == null || x.monitors == null ? 0 : x.monitors.size();
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
          "Self of " + this + " was used outside its process, on thread '" + Thread.currentThread().getName()
              + "'. Use Self only in the callback or body it was given to; other threads send to the Pid through ProcessRuntime.");
    }
    seat.leaveUserCode();
    if (exit != null) {
      seat.enterUserCode();
      throw new ProcessKilledError(this, exit);
    }
    return seat;
  }

  private void checkAlive() {
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
    Seat seat = enter();
    try {
      runtime.send((Process) to, message, seat);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public void send(String to, Object message) {
    Seat seat = enter();
    try {
      runtime.send(runtime.require(to), message, seat);
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
      return runtime.spawn(this, null, body, options);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public Monitored spawn(Behaviour behaviour, SpawnOptions options) {
    Seat seat = enter();
    try {
      return runtime.spawn(this, behaviour, null, options);
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
      EXIT.compareAndSet(this, null, reason instanceof ExitReason.Kill ? ExitReason.KILLED : reason);
      checkAlive();
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
      if (!Signals.link(this, (Process) other)) {
        if (!trapExits) {
          throw new ProcessExit(ExitReason.NO_PROCESS);
        }
        deliverSignal(new Exit(other, ExitReason.NO_PROCESS));
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
    checkAlive();
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
      return Signals.monitor(this, runtime.registered(name), name);
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
      runtime.register(name, this);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public void unregister() {
    Seat seat = enter();
    try {
      runtime.unregister(this);
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public void label(String text) {
    Seat seat = enter();
    setLabel(text);
    seat.enterUserCode();
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
      throw new IllegalArgumentException("A receive timeout of " + timeout + " is not allowed, it must not be negative");
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
      Bound b = bound;
      Node before = null;
      Node node = first;
      for (; ; ) {
        int drops = b == null ? 0 : b.dropsOldest;
        if (node == null) {
          node = b != null && b.locksConsumer() ? refillLocked(b) : refill();
        }
        if (node == null) {
          if (!await(seat, deadline)) {
            return null;
          }
          continue;
        }
        Receive<T> verdict = node.message == WAKE || node instanceof Request ? Receive.skip() : ask(clauses, node, seat);
        if (b != null && b.locksConsumer()) {
          synchronized (b) {
            if (drops != b.dropsOldest) { // a sender took messages out meanwhile: look again from the oldest
              before = null;
              node = first;
              continue;
            }
            if (!verdict.skips()) {
              unlink(before, node);
            }
          }
        } else if (!verdict.skips()) {
          unlink(before, node);
        }
        if (!verdict.skips()) {
          if (b != null && node.kind() != Node.SIGNAL) {
            b.release();
          }
          handled++;
          return verdict.value;
        }
        before = node;
        node = node.next;
      }
    } finally {
      seat.enterUserCode();
    }
  }

  private @Nullable Node refillLocked(Bound b) {
    synchronized (b) {
      return refill();
    }
  }

  private <T> Receive<T> ask(Function<Object, Receive<T>> clauses, Node node, Seat seat) {
    seat.enterUserCode();
    try {
      return clauses.apply(node.message);
    } finally {
      seat.leaveUserCode();
      checkAlive();
    }
  }

  /** Waits for a message; {@code false} after the deadline. */
  private boolean await(Seat seat, long deadline) {
    checkAlive();
    if (deadline != Long.MAX_VALUE && runtime.nanoTime() - deadline >= 0) {
      return false;
    }
    if (!rest(WAITING)) {
      return true;
    }
    seat.beforeBlock();
    try {
      while (isWaiting()) {
        if (exit != null || (deadline != Long.MAX_VALUE && runtime.nanoTime() - deadline >= 0)) {
          wakeUp();
          break;
        }
        seat.park(runtime, deadline);
        Thread.interrupted(); // an interrupt of its own would make every park return at once
      }
    } finally {
      seat.afterBlock();
    }
    checkAlive();
    return true;
  }

  @Override
  public void sleep(Duration time) {
    Seat seat = enter();
    try {
      long deadline = runtime.deadline(time);
      seat.beforeBlock();
      try {
        while (exit == null && runtime.nanoTime() - deadline < 0) {
          seat.park(runtime, deadline);
          Thread.interrupted();
        }
      } finally {
        seat.afterBlock();
      }
      checkAlive();
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
          "self.from(" + request.getClass().getSimpleName() + ") was asked for a call that is not being handled. "
              + "Ask for the From while the callback handles that very request, and keep the From.");
    }
    return new From<>(current);
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
        checkAlive();
      }
    } finally {
      seat.enterUserCode();
    }
  }

  @Override
  public @Nullable Object get(Object key) {
    Seat seat = enter();
    Extra x = extra;
    Object value = x == null || x.dictionary == null ? null : x.dictionary.get(key);
    seat.enterUserCode();
    return value;
  }

  @Override
  public @Nullable Object put(Object key, @Nullable Object value) {
    Seat seat = enter();
    try {
      Extra x;
      synchronized (this) {
        x = extra();
      }
      Map<Object, Object> map = x.dictionary == null ? x.dictionary = new HashMap<>() : x.dictionary;
      return value == null ? map.remove(key) : map.put(key, value);
    } finally {
      seat.enterUserCode();
    }
  }

  /** Waits on this process's thread for {@code request} to be decided; for {@link ProcessRuntime}. */
  boolean awaitDecision(Seat seat, Request request, long deadline) {
    seat.beforeBlock();
    try {
      while (!request.isDecided()) {
        if (exit != null || (deadline != Long.MAX_VALUE && runtime.nanoTime() - deadline >= 0)) {
          return false;
        }
        seat.park(runtime, deadline);
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

  void killedCheck() {
    checkAlive();
  }
}
