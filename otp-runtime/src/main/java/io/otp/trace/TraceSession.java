package io.otp.trace;

import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.ProcessView;
import io.otp.process.Tracer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trace that runs: made by {@link Trace#start}. It ends by itself, see {@link TraceLimits}; until
 * then it can be closed.
 *
 * <p>Threads. Whoever does something that is traced puts it into a queue, under its lock and
 * without waiting; the queue is bounded by the count of the session. One virtual thread makes texts
 * of what is there and hands them to the sink, so code of messages and of the sink never runs in a
 * process that is traced. Another sees to the end. Events of one process are put in by whoever does
 * them, one after the other, so they are in order.
 */
public final class TraceSession implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TraceSession.class);

  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private record Raw(
      long number,
      long nanos,
      Pid pid,
      @Nullable String name,
      Tracer.Kind kind,
      @Nullable Object subject,
      @Nullable Object content) {}

  private final Trace trace;
  private final ProcessRuntime runtime;
  private final TraceSink sink;
  private final Probe probe = new Probe();
  private final long startedAt = System.nanoTime();
  private final Thread teller;
  private final Thread warden;

  private final Deque<Raw> queue = new ArrayDeque<>();

  // guarded by queue
  private long count;
  private long second;
  private int inSecond;
  private @Nullable TraceEnd end;

  TraceSession(Trace trace, TraceSink sink) {
    this.trace = trace;
    this.runtime = trace.runtime();
    this.sink = sink;
    this.teller = Thread.ofVirtual().name("otp-trace").unstarted(this::tell);
    this.warden = Thread.ofVirtual().name("otp-trace-warden").unstarted(this::watch);
  }

  /** Returns whether there was room for another one. */
  boolean begin() {
    if (!runtime.attach(probe)) {
      return false;
    }
    teller.start();
    warden.start();
    return true;
  }

  /** What the runtime tells of processes. */
  private final class Probe implements Tracer {
    @Override
    public Set<Flag> flags() {
      return trace.flags();
    }

    @Override
    public boolean chooses(ProcessView process, boolean isNew) {
      return trace.chooses(process, isNew);
    }

    @Override
    public void event(
        Pid tracee,
        @Nullable String name,
        Kind kind,
        @Nullable Object subject,
        @Nullable Object content) {
      put(tracee, name, kind, subject, content);
    }
  }

  private void put(
      Pid tracee,
      @Nullable String name,
      Tracer.Kind kind,
      @Nullable Object subject,
      @Nullable Object content) {
    TraceLimits limits = trace.limits();
    boolean ended;
    synchronized (queue) {
      if (end != null) {
        return;
      }
      long nanos = System.nanoTime() - startedAt;
      if (nanos - second >= TimeUnit.SECONDS.toNanos(1)) {
        second = nanos;
        inSecond = 0;
      }
      if (++inSecond > limits.perSecond()) {
        end = TraceEnd.RATE;
      } else {
        queue.addLast(new Raw(++count, nanos, tracee, name, kind, subject, content));
        if (count == limits.max()) {
          end = TraceEnd.COUNT;
        }
      }
      ended = end != null;
    }
    LockSupport.unpark(teller);
    if (ended) {
      LockSupport.unpark(warden);
    }
  }

  // --- the end

  private void end(TraceEnd why) {
    synchronized (queue) {
      if (end == null) {
        end = why;
      }
    }
    LockSupport.unpark(teller);
    LockSupport.unpark(warden);
  }

  /** Why it has ended, {@code null} if it runs. What came before may still be told. */
  public @Nullable TraceEnd end() {
    synchronized (queue) {
      return end;
    }
  }

  /** How many events there were so far. */
  public long count() {
    synchronized (queue) {
      return count;
    }
  }

  /** Ends the session: nothing that happens later is told. */
  @Override
  public void close() {
    end(TraceEnd.CLOSED);
    runtime.detach(probe);
  }

  /** For a consumer that is a process. */
  void consumerEnded() {
    end(TraceEnd.CONSUMER);
  }

  /**
   * Ends the session in time, and detaches it when it has ended: not whoever noticed does, since
   * that costs a look at every process.
   */
  private void watch() {
    long time = trace.limits().time().toNanos();
    while (end() == null) {
      long left = time - (System.nanoTime() - startedAt);
      if (left <= 0) {
        end(TraceEnd.TIME);
      } else if (runtime.isClosed()) {
        end(TraceEnd.RUNTIME);
      } else {
        LockSupport.parkNanos(this, Math.min(left, IDLE_NANOS));
      }
    }
    runtime.detach(probe);
  }

  // --- telling

  private void tell() {
    try {
      long quietSince = System.nanoTime();
      for (; ; ) {
        Raw next;
        boolean over;
        synchronized (queue) {
          next = queue.pollFirst();
          over = end != null;
        }
        if (next != null) {
          sink.event(shown(next));
          quietSince = System.nanoTime();
        } else if (over) {
          break;
        } else {
          LockSupport.parkNanos(this, IDLE_NANOS);
          if (System.nanoTime() - quietSince >= IDLE_NANOS) {
            sink.idle();
            quietSince = System.nanoTime();
          }
        }
      }
    } catch (Throwable t) {
      LOG.debug("The consumer of a trace failed, the trace ends", t);
      end(TraceEnd.CONSUMER);
    }
    synchronized (queue) {
      queue.clear();
    }
    try {
      sink.ended(java.util.Objects.requireNonNull(end()));
    } catch (Throwable t) {
      LOG.debug("The consumer of a trace failed at its end", t);
    }
  }

  private TraceEvent shown(Raw raw) {
    Object subject = raw.subject;
    Object content = raw.content;
    return new TraceEvent(
        raw.number,
        Duration.ofNanos(raw.nanos),
        raw.pid,
        raw.name,
        raw.kind,
        subject == null ? null : subject.toString(),
        content == null ? null : trace.textOf(content));
  }
}
