package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * Links and monitors between two processes. The first argument is always the process that acts, on its own thread, inside the
 * runtime: its own death is not published meanwhile (P2), so only the other one may die under our hands.
 */
final class Signals {

  private Signals() {}

  /** Links both, or returns {@code false} if {@code other} is dead. P4: both halves under both locks. */
  static boolean link(Process self, Process other) {
    if (self == other) {
      return true;
    }
    Process older = isOlder(self, other) ? self : other;
    synchronized (older) {
      synchronized (older == self ? other : self) {
        if (!other.accepts()) {
          return false;
        }
        self.addLink(other);
        other.addLink(self);
        return true;
      }
    }
  }

  static void unlink(Process self, Process other) {
    if (self == other) {
      return;
    }
    Process older = isOlder(self, other) ? self : other;
    synchronized (older) {
      synchronized (older == self ? other : self) {
        self.removeLink(other);
        other.removeLink(self);
      }
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
    var ref = new MonitorRef(self, other == null ? self : other, object);
    synchronized (self) {
      self.addMonitor(ref);
    }
    boolean alive = false;
    if (other != null) {
      synchronized (other) {
        alive = other.accepts();
        if (alive) {
          other.addMonitoredBy(ref);
        }
      }
    }
    if (!alive) {
      down(ref, ExitReason.NO_PROCESS);
    }
    return ref;
  }

  /** Checked and delivered under the watcher's lock: after {@code demonitor} no DOWN arrives. */
  static void down(MonitorRef ref, ExitReason reason) {
    synchronized (ref.watcher) {
      if (ref.active) {
        ref.active = false;
        ref.watcher.removeMonitor(ref);
        ref.watcher.deliverSignal(new Down(ref, ref.object, reason));
      }
    }
  }

  static boolean demonitor(Process self, Ref ref) {
    if (!(ref instanceof MonitorRef monitor) || monitor.watcher != self) {
      throw new IllegalArgumentException(
          ref + " is not a monitor of " + self + ". Only the process that monitors may end a monitor, with the Ref it was given.");
    }
    synchronized (self) {
      if (!monitor.active) {
        return false;
      }
      monitor.active = false;
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
