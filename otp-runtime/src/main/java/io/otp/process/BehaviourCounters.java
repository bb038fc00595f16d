package io.otp.process;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What the processes of one behaviour in one application have done since the runtime was started.
 * Counts go on while they are read; each by itself never decreases. See {@link
 * ProcessRuntime#counters()}.
 */
// Written by all threads. Messages are counted per worker (see CounterTable), the rest by adders:
// a start or an end is rarer and dearer than a message.
public final class BehaviourCounters {

  /** How a process ended, coarse enough for a tag of a meter. */
  public enum Ending {
    /** {@code normal}. */
    NORMAL,
    /** {@code shutdown} and <code>{shutdown, Detail}</code>. */
    SHUTDOWN,
    /** {@code killed}. */
    KILLED,
    /** Something was thrown and not caught. */
    CRASH,
    /** Any other reason. */
    OTHER;

    /** Whether a {@code transient} child that ends so is restarted. */
    public boolean isAbnormal() {
      return this != NORMAL && this != SHUTDOWN;
    }

    /** The class of {@code reason}. */
    public static Ending of(ExitReason reason) {
      return switch (reason) {
        case ExitReason.Normal _ -> NORMAL;
        case ExitReason.Shutdown _, ExitReason.ShutdownWith _ -> SHUTDOWN;
        case ExitReason.Kill _, ExitReason.Killed _ -> KILLED;
        case ExitReason.Crash _ -> CRASH;
        default -> OTHER;
      };
    }
  }

  final CounterTable table;
  final int index;
  private final String module;
  private final String behaviour;
  private final @Nullable String application;

  final LongAdder spawned = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder restarts = new LongAdder();
  final LongAdder giveUps = new LongAdder();

  /** Messages handled on threads that are no workers. */
  final LongAdder handledElsewhere = new LongAdder();

  /** By ending. */
  private final LongAdder[] exits = new LongAdder[Ending.values().length];

  BehaviourCounters(
      CounterTable table,
      int index,
      String module,
      String behaviour,
      @Nullable String application) {
    this.table = table;
    this.index = index;
    this.module = module;
    this.behaviour = behaviour;
    this.application = application;
    Arrays.setAll(exits, _ -> new LongAdder());
  }

  void ended(ExitReason reason) {
    exits[Ending.of(reason).ordinal()].increment();
  }

  boolean isOf(@Nullable String app) {
    return app == application || (app != null && app.equals(application));
  }

  /** The callback module, {@code raw} for processes with a thread of their own. */
  public String module() {
    return module;
  }

  /** The OTP behaviour of that module, {@code raw} as well. */
  public String behaviour() {
    return behaviour;
  }

  /** The application, {@code null} for processes that belong to none. */
  public @Nullable String application() {
    return application;
  }

  /** How many processes there are now, approximately. */
  public long processes() {
    long gone = Arrays.stream(exits).mapToLong(LongAdder::sum).sum();
    return Math.max(0, spawned.sum() - gone);
  }

  /** How many processes were started. */
  public long spawned() {
    return spawned.sum();
  }

  /** How many processes ended so. */
  public long exited(Ending ending) {
    return exits[ending.ordinal()].sum();
  }

  /** How many messages callbacks handled; those that raw processes receive are not counted. */
  public long handled() {
    return table.handled(index) + handledElsewhere.sum();
  }

  /** How many messages a bounded mailbox refused or dropped. */
  public long refused() {
    return refused.sum();
  }

  /** How many restarts these processes did, if they are supervisors. */
  public long restarts() {
    return restarts.sum();
  }

  /** How many of these processes gave up, if they are supervisors. */
  public long giveUps() {
    return giveUps.sum();
  }

  @Override
  public String toString() {
    return module + (application == null ? "" : " of " + application);
  }
}
