package io.otp.port;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The way to the program: what the port's process offers is written by a thread of its own, which
 * begins with the first bytes. That thread blocks in the pipe; it belongs to no process, so no kill
 * interrupts it.
 *
 * <p>Invariants: I1 at most {@code limit} bytes and those of one command are kept. I2 whoever was
 * told that there is no room is told by {@link Events#writable} when there is. I3 after {@link
 * #finish} what is kept is written and then the stream closed, by whoever is sure not to wait for a
 * pipe that is full.
 */
final class Input {

  /** What the writer tells; on its thread. */
  interface Events {
    /** There is room again. */
    void writable();

    /** The program does not read any more. */
    void broken(IOException why);
  }

  private final OutputStream stdin;
  private final int limit;
  private final Events events;
  private final String name;

  // Guarded by this.
  private final ArrayDeque<byte[]> kept = new ArrayDeque<>();
  private long queued;
  private long written;
  private boolean refused;
  private boolean finished;
  private boolean writing;

  /**
   * @param name of the writer's thread
   */
  Input(OutputStream stdin, int limit, Events events, String name) {
    this.stdin = stdin;
    this.limit = limit;
    this.events = events;
    this.name = name;
  }

  /** Whether {@link #offer} would take anything now; only who offers may rely on it. */
  synchronized boolean hasRoom() {
    refused = queued >= limit; // I2
    return !refused;
  }

  /** Writes {@code bytes}, which nobody changes, soon. */
  synchronized void offer(byte[] bytes) {
    if (finished || bytes.length == 0) {
      return;
    }
    kept.add(bytes);
    queued += bytes.length;
    if (writing) {
      notifyAll();
    } else {
      writing = true;
      Thread.ofPlatform().daemon().name(name).start(this::write);
    }
  }

  synchronized long queued() {
    return queued;
  }

  synchronized long written() {
    return written;
  }

  /** The end of the input, after what has been offered. Does not block. */
  void finish() {
    synchronized (this) {
      if (finished) {
        return;
      }
      finished = true;
      if (writing) {
        notifyAll(); // the writer closes it
        return;
      }
    }
    close(); // nothing was ever written, so there is nothing to flush (I3)
  }

  private void write() {
    try {
      for (byte[] bytes = next(); bytes != null; bytes = next()) {
        stdin.write(bytes);
        stdin.flush();
        if (written(bytes.length)) {
          events.writable();
        }
      }
    } catch (IOException e) {
      if (fail()) {
        events.broken(e);
      }
    } finally {
      close();
    }
  }

  private synchronized byte @Nullable [] next() {
    while (kept.isEmpty() && !finished) {
      try {
        wait();
      } catch (InterruptedException e) {
        // nobody has a reason to; there is nothing to give up
      }
    }
    return kept.poll();
  }

  /** Whether somebody was refused and there is room now. */
  private synchronized boolean written(int bytes) {
    queued -= bytes;
    written += bytes;
    if (refused && queued < limit) {
      refused = false;
      return true;
    }
    return false;
  }

  /** Whether that is news: not where the port has ended. */
  private synchronized boolean fail() {
    kept.clear();
    queued = 0;
    boolean news = !finished;
    finished = true;
    return news;
  }

  private void close() {
    try {
      stdin.close();
    } catch (IOException e) {
      // the program has ended
    }
  }
}
