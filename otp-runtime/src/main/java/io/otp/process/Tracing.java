package io.otp.process;

import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The tracers of a runtime, and whom each of them is told of. There is one of these while there is
 * a tracer; without, {@link ProcessRuntime#tracing} is {@code null}, and that is all that whoever
 * sends, starts or handles something looks at.
 *
 * <p>Threads. Immutable; attaching and detaching makes another one, under the runtime's lock for
 * that. Which tracers chose a process is a bit each in {@link Process#traced}, written under the
 * lock of the process. Nobody waits for a thread that still has an old one: an event may be missed
 * just after attaching, and told just after detaching.
 */
final class Tracing {

  /** How many tracers a runtime has at most: bits of {@link Process#traced}. */
  static final int MAX = 8;

  private final @Nullable Tracer[] tracers;

  /** For each flag, the bits of those that want it. */
  private final int[] wants = new int[Tracer.Flag.values().length];

  private Tracing(@Nullable Tracer[] tracers) {
    this.tracers = tracers;
    for (int i = 0; i < tracers.length; i++) {
      Tracer tracer = tracers[i];
      if (tracer != null) {
        for (Tracer.Flag flag : tracer.flags()) {
          wants[flag.ordinal()] |= 1 << i;
        }
      }
    }
  }

  // --- who

  /** With another tracer, {@code null} if there are {@link #MAX}. */
  static @Nullable Tracing with(@Nullable Tracing before, Tracer tracer) {
    Request.traced = true;
    @Nullable Tracer[] tracers = before == null ? new Tracer[MAX] : before.tracers.clone();
    for (int i = 0; i < MAX; i++) {
      if (tracers[i] == null) {
        tracers[i] = tracer;
        return new Tracing(tracers);
      }
    }
    return null;
  }

  /** Without that tracer, {@code null} if there is no other. */
  @Nullable Tracing without(Tracer tracer) {
    @Nullable Tracer[] left = tracers.clone();
    left[slotOf(tracer)] = null;
    for (Tracer other : left) {
      if (other != null) {
        return new Tracing(left);
      }
    }
    return null;
  }

  int slotOf(Tracer tracer) {
    for (int i = 0; i < MAX; i++) {
      if (tracers[i] == tracer) {
        return i;
      }
    }
    return -1;
  }

  /** Asks every tracer about a process that has just been started or named. */
  private void choose(Process process, boolean isNew) {
    var view = new ProcessView(process.runtime).of(process);
    for (int i = 0; i < MAX; i++) {
      Tracer tracer = tracers[i];
      if (tracer != null && tracer.chooses(view, isNew)) {
        process.traced(i, true);
      }
    }
  }

  boolean wants(Process process, Tracer.Flag flag) {
    return (process.traced & wants[flag.ordinal()]) != 0;
  }

  // --- events

  void tell(Process tracee, Tracer.Kind kind, @Nullable Object subject, @Nullable Object content) {
    tell(tracee, tracee.nameOrLabel(), kind, subject, content);
  }

  private void tell(
      Process tracee,
      @Nullable String name,
      Tracer.Kind kind,
      @Nullable Object subject,
      @Nullable Object content) {
    int bits = tracee.traced & wants[kind.flag().ordinal()];
    for (; bits != 0; bits &= bits - 1) {
      Tracer tracer = tracers[Integer.numberOfTrailingZeros(bits)];
      if (tracer != null) {
        tracer.event(tracee, name, kind, subject, content);
      }
    }
  }

  /** {@code node} is about to be put into the mailbox of {@code to}. */
  void sent(@Nullable Seat sender, Process to, Mailbox.Node node) {
    Process self = sender == null ? null : sender.process();
    if (self != null && self.runtime == to.runtime && wants(self, Tracer.Flag.SEND)) {
      tell(
          self,
          to.isAlive() ? Tracer.Kind.SEND : Tracer.Kind.SEND_TO_NON_EXISTING_PROCESS,
          to,
          node.message);
    }
  }

  /** A process is about to handle {@code node}. */
  void received(Process process, Mailbox.Node node) {
    if (wants(process, Tracer.Flag.RECEIVE) && !isOfTheRuntime(node)) {
      tell(
          process,
          Tracer.Kind.RECEIVE,
          node instanceof Request request ? request.caller() : null,
          node.message);
    }
  }

  /** A process answers {@code request}; called only where there is or was a tracer. */
  static void replied(Request request, Object reply) {
    Process self = Seat.currentProcess();
    Tracing tracing = self == null ? null : self.runtime.tracing;
    if (tracing != null && self != null && !isOfTheRuntime(request)) {
      tracing.tell(self, Tracer.Kind.SEND, request.caller(), reply);
    }
  }

  /** What a process is started with, wakes up by, or tells itself. */
  private static boolean isOfTheRuntime(Mailbox.Node node) {
    if (node instanceof Request) {
      return !node.isBounded() && !(node.message instanceof SystemMessage);
    }
    return node.kind() == Mailbox.Node.SIGNAL && !(node.message instanceof Info);
  }

  // --- life

  void spawned(@Nullable Process parent, Process child, boolean linked) {
    choose(child, true);
    if (parent == null) {
      tell(child, Tracer.Kind.SPAWNED, null, null);
      return;
    }
    tell(parent, Tracer.Kind.SPAWN, child, null);
    tell(child, Tracer.Kind.SPAWNED, parent, null);
    if (linked) {
      tell(parent, Tracer.Kind.LINK, child, null);
      tell(child, Tracer.Kind.GETTING_LINKED, parent, null);
    }
  }

  /** Before anybody is told of the death. */
  void ended(Process process, @Nullable String name, ExitReason reason) {
    tell(process, name, Tracer.Kind.EXIT, null, reason);
    if (name != null) {
      tell(process, name, Tracer.Kind.UNREGISTER, name, null);
    }
  }

  void registered(Process process, String name) {
    choose(process, false);
    tell(process, Tracer.Kind.REGISTER, name, null);
  }

  /** For all processes of a runtime: who is chosen by the tracer in {@code slot}. */
  static void mark(ProcessRuntime runtime, int slot, BiPredicate<Process, ProcessView> chosen) {
    var view = new ProcessView(runtime);
    ProcessTable table = runtime.table();
    for (int i = 0; i < table.highWater(); i++) {
      Process process = table.get(i);
      if (process != null) {
        boolean on = chosen.test(process, view.of(process));
        if (on != process.isTraced(slot)) {
          process.traced(slot, on);
        }
      }
    }
  }
}
