package io.otp.autoconfigure.observation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Clears what a process left in the thread locals of the worker that ran it, before the worker runs
 * another one. Runs after every activation, so each part is a look at a thread local and no more
 * where there is nothing to clear.
 */
final class ThreadLocalCleaner implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(ThreadLocalCleaner.class);

  private final Runnable[] parts;
  private final AtomicBoolean complained = new AtomicBoolean();

  ThreadLocalCleaner(List<Runnable> parts) {
    var all = new ArrayList<Runnable>(parts);
    all.add(MDC::clear);
    this.parts = all.toArray(Runnable[]::new);
  }

  @Override
  public void run() {
    for (Runnable part : parts) {
      try {
        part.run();
      } catch (RuntimeException | Error e) {
        if (complained.compareAndSet(false, true)) {
          LOG.error("Thread locals could not be cleared after a process has run", e);
        }
      }
    }
  }
}
