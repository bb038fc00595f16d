package io.otp.registry;

import io.otp.process.Alias;
import io.otp.process.ProcessRuntime;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Messages that are to be sent in the order in which things happened, whoever did them.
 *
 * <p>Any thread. A notice is put down with {@link #add} under the lock under which the thing
 * happens, so the queue has their order; it is sent with {@link #deliver}, outside of every lock.
 * N1: a notice that was put down is delivered, also if the process that should deliver it has been
 * killed, since then every send throws: it stays in the queue until the next one comes, at the
 * latest the exit hook of that very process. N2: when {@code deliver} returns, what the caller has
 * put down has been delivered. The queue is bounded by the number of threads that are between both.
 */
final class Notices {

  private record Notice(Alias to, Object message) {}

  private final ProcessRuntime runtime;
  private final Queue<Notice> queue = new ConcurrentLinkedQueue<>();
  private final ReentrantLock delivery = new ReentrantLock();

  Notices(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  void add(Alias to, Object message) {
    queue.add(new Notice(to, message));
  }

  void deliver() {
    if (queue.isEmpty()) {
      // What we have put down was taken out after it was sent (N2).
      return;
    }
    delivery.lock();
    try {
      for (Notice notice = queue.peek(); notice != null; notice = queue.peek()) {
        runtime.send(notice.to(), notice.message()); // throws before it has sent, or not at all
        queue.remove();
      }
    } finally {
      delivery.unlock();
    }
  }
}
