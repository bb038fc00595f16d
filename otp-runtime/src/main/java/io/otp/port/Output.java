package io.otp.port;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import java.util.concurrent.Semaphore;

/**
 * The way from the program to the owner. The reader's thread delivers data and waits here while the
 * owner has too much of it unread; the port's process delivers answers and says who the owner is.
 *
 * <p>Invariants: O1 the owner has data of at most the window unread, or one message: what it costs
 * is taken from the owner's window before it is sent and given back when the owner takes it out of
 * its mailbox. O2 after {@link #connect} nothing goes to the old owner, after {@link #close}
 * nothing to anybody: both are looked at, and the message sent, under the lock. O3 a reader that
 * waits for a window that is nobody's any more does not wait for ever: who replaces it gives it
 * back.
 */
final class Output {

  /** What a message costs besides its bytes. */
  private static final int OVERHEAD = 128;

  private record Owner(Pid pid, Semaphore window) {}

  private final ProcessRuntime runtime;
  private final int window;
  private volatile Owner owner;

  /** Guarded by this. */
  private boolean closed;

  Output(ProcessRuntime runtime, Pid owner, int window) {
    this.runtime = runtime;
    this.window = window;
    this.owner = new Owner(owner, new Semaphore(window));
  }

  Pid owner() {
    return owner.pid();
  }

  /**
   * Sends data to the owner, when that has room for it. Blocks; not for threads of processes.
   *
   * @param size in bytes
   * @return {@code false}: the port is closed
   */
  boolean deliver(PortMessage message, int size) {
    int cost = (int) Math.min(window, (long) size + OVERHEAD);
    while (true) {
      Owner to = owner;
      to.window.acquireUninterruptibly(cost);
      synchronized (this) { // O2
        if (closed) {
          return false;
        }
        if (to == owner) {
          runtime.signal(to.pid, message, () -> to.window.release(cost));
          return true;
        }
      }
    }
  }

  /** Sends an answer, or what there is only one of, whether there is room or not. */
  synchronized void tell(PortMessage message) {
    if (!closed) {
      runtime.signal(owner.pid, message);
    }
  }

  synchronized void connect(Pid next) {
    Owner old = owner;
    owner = new Owner(next, new Semaphore(window));
    old.window.release(window); // O3
  }

  synchronized void close() {
    if (!closed) {
      closed = true;
      owner.window.release(window); // O3
    }
  }
}
