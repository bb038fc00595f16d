package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * Links and monitors between two processes. The first argument is always the process that acts, on
 * its own thread, inside the runtime: its own death is not published meanwhile (P2), so only the
 * other one may die under our hands.
 */
final class Signals {

  private Signals() {}

  /**
   * Links both. P4: both halves under both locks. If {@code other} is dead, {@code self} gets
   * {@code noproc}: as a message if it traps exits, else this returns {@code false}.
   */
  static boolean link(Process self, Process other, boolean trapExits) {
    if (self == other) {
      return true;
    }
    Process older = isOlder(self, other) ? self : other;
    synchronized (older) {
      synchronized (older == self ? other : self) {
        self.checkUnpublished();
        if (self.hasLink(other)) {
          tell(self, Tracer.Kind.LINK, other);
          return true; // also where it is dying: its exit signal is on its way
        }
        if (other.accepts()) {
          self.addLink(other);
          other.addLink(self);
          tell(self, Tracer.Kind.LINK, other);
          tell(other, Tracer.Kind.GETTING_LINKED, self);
          return true;
        }
        if (!trapExits) {
          return false;
        }
        self.addLink(other); // half a link, for `unlink` to end
        if (other.tellLate(() -> self.linkBroken(other, ExitReason.NO_PROCESS))) {
          return true;
        }
      }
    }
    self.linkBroken(other, ExitReason.NO_PROCESS);
    return true;
  }

  static void unlink(Process self, Process other) {
    if (self == other) {
      return;
    }
    Process older = isOlder(self, other) ? self : other;
    synchronized (older) {
      synchronized (older == self ? other : self) {
        self.removeLink(other);
        tell(self, Tracer.Kind.UNLINK, other);
        if (other.removeLink(self)) {
          tell(other, Tracer.Kind.GETTING_UNLINKED, self);
        }
      }
    }
  }

  private static void tell(Process tracee, Tracer.Kind kind, Process other) {
    Tracing tracing = tracee.runtime.tracing;
    if (tracing != null) {
      tracing.tell(tracee, kind, other, null);
    }
  }

  /** A total order over all processes of this JVM. */
  private static boolean isOlder(Process a, Process b) {
    if (a.runtime != b.runtime) {
      return a.runtime.creation() < b.runtime.creation();
    }
    return a.compareTo(b) < 0;
  }

  static MonitorRef monitor(Process self, @Nullable Process other, Object object) {
    return monitor(self, other, object, null);
  }

  /**
   * @param mode of the monitor's alias, {@code null} for none
   */
  static MonitorRef monitor(
      Process self, @Nullable Process other, Object object, Alias.@Nullable Mode mode) {
    var ref = new MonitorRef(self, other == null ? self : other, object, mode);
    synchronized (self) {
      self.addMonitor(ref);
    }
    boolean later = false;
    if (other != null) {
      synchronized (other) {
        if (other.accepts()) {
          other.addMonitoredBy(ref);
          later = true;
        } else {
          later = other.tellLate(() -> down(ref, ExitReason.NO_PROCESS));
        }
      }
    }
    if (!later) {
      down(ref, ExitReason.NO_PROCESS);
    }
    return ref;
  }

  /** Checked and delivered under the watcher's lock: after {@code demonitor} no DOWN arrives. */
  static void down(MonitorRef ref, ExitReason reason) {
    synchronized (ref.owner) {
      if (ref.active) {
        ref.active = false;
        ref.monitorEnded();
        ref.owner.removeMonitor(ref);
        ref.owner.deliverSignal(new Down(ref, ref.object, reason));
      }
    }
  }

  static boolean demonitor(Process self, Ref ref) {
    if (!(ref instanceof MonitorRef monitor) || monitor.owner != self) {
      throw new IllegalArgumentException(
          ref
              + " is not a monitor of "
              + self
              + ". Only the process that monitors may end a monitor, with the Ref it was given.");
    }
    synchronized (self) {
      if (!monitor.active) {
        return false;
      }
      monitor.active = false;
      monitor.monitorEnded();
      self.removeMonitor(monitor);
    }
    dropMonitor(monitor);
    return true;
  }

  /** Makes the watched process forget it. */
  static void dropMonitor(MonitorRef ref) {
    synchronized (ref.target) {
      ref.target.removeMonitoredBy(ref);
    }
  }
}
