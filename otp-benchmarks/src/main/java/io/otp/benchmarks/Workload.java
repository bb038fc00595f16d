package io.otp.benchmarks;

import static io.otp.benchmarks.Contender.ERLANG;
import static io.otp.benchmarks.Contender.OTP;
import static io.otp.benchmarks.Contender.OTP_RAW;
import static io.otp.benchmarks.Contender.PEKKO;
import static io.otp.benchmarks.Contender.PEKKO_TUNED;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What is measured, the same for every contender.
 *
 * <p>A run builds its processes, starts the clock, has them do so many operations, and stops the
 * clock when a counting process has heard of the last one. Messages are allocated per hop wherever
 * they carry something.
 */
enum Workload {
  /** One process calls its own server, waiting 5 s at most. */
  CALL1("call1", Unit.NANOS_PER_CALL, 10_000, everywhere()),
  /** The same, a thousand times side by side. */
  CALL1000("call1000", Unit.NANOS_PER_CALL, 100_000, everywhere()),
  /** One process sends to one other as fast as it can. */
  ONE1("one1", Unit.NANOS_PER_MESSAGE, 1_000_000, everywhere()),
  /** Eight processes send to one. */
  ONE8("one8", Unit.NANOS_PER_MESSAGE, 1_000_000, everywhere()),
  /** Two processes answer each other; the answer is matched by its sender. */
  PP1("pp1", Unit.NANOS_PER_ROUND_TRIP, 200_000, everywhere()),
  /** The same, a thousand times side by side. */
  PP1000("pp1000", Unit.NANOS_PER_ROUND_TRIP, 200_000, everywhere()),
  /** One process spawns; every child sends one message and exits. */
  SPAWN("spawn", Unit.NANOS_PER_PROCESS, 50_000, everywhere()),
  /** One token goes round {@link #RING_SIZE} processes. */
  RING("ring", Unit.NANOS_PER_HOP, 500_000, everywhere()),
  /**
   * As {@link #CALL1} while {@link #QUEUED_MESSAGES} other messages wait in the caller's mailbox.
   * Nothing in Pekko corresponds: an actor cannot receive past its queue.
   */
  QUEUED("queued", Unit.NANOS_PER_CALL, 100_000, EnumSet.of(OTP, OTP_RAW, ERLANG)),
  /** The yardstick for {@link #QUEUED}: nothing waits. */
  QUEUED_EMPTY("queued-empty", Unit.NANOS_PER_CALL, 100_000, EnumSet.of(OTP, OTP_RAW, ERLANG)),
  /**
   * A permanent child crashes, its supervisor starts it again, its {@code init} tells the driver,
   * which makes it crash again. The clock runs from the first start to the last. The supervisor is
   * replaced after {@link #RESTARTS_PER_SUPERVISOR} restarts, see {@link #RESTART_LONG}.
   */
  RESTART("restart", Unit.RESTARTS_PER_SECOND, 5_000, EnumSet.of(OTP, ERLANG, PEKKO, PEKKO_TUNED)),
  /**
   * The same without strategy, intensity or child specification: a loop that links and starts
   * again.
   */
  RESTART_BARE("restart-bare", Unit.RESTARTS_PER_SECOND, 5_000, EnumSet.of(ERLANG)),
  /**
   * As {@link #RESTART} with one supervisor for all restarts: Erlang's walks through the list of
   * all restarts of the last period at each restart, which no supervisor with a sane intensity
   * does.
   */
  RESTART_LONG("restart-long", Unit.RESTARTS_PER_SECOND, 5_000, EnumSet.of(OTP, ERLANG)),
  /** Memory of a server that has handled one message and waits for the next. */
  IDLE("idle", Unit.BYTES_PER_SERVER, 1_000_000, everywhere());

  static final int RING_SIZE = 10_000;
  static final int QUEUED_MESSAGES = 100_000;
  static final int RESTARTS_PER_SUPERVISOR = 100;

  private final String id;
  private final Unit unit;
  private final int operations;
  private final Set<Contender> contenders;

  Workload(String id, Unit unit, int operations, Set<Contender> contenders) {
    this.id = id;
    this.unit = unit;
    this.operations = operations;
    this.contenders = contenders;
  }

  static Workload of(String id) {
    return Arrays.stream(values())
        .filter(workload -> workload.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no workload '"
                        + id
                        + "'. Known: "
                        + Arrays.toString(values())
                        + "."));
  }

  /** Whom it is measured on. */
  Set<Contender> contenders() {
    return contenders;
  }

  /** Operations of one run; of {@link #IDLE}, the number of servers. */
  int operations() {
    return operations;
  }

  Unit unit() {
    return unit;
  }

  /**
   * Whether it only explains another workload, and is neither in {@code results.json} nor has a
   * target.
   */
  boolean isExplanatory() {
    return this == QUEUED_EMPTY || this == RESTART_BARE || this == RESTART_LONG;
  }

  /**
   * What the project wants to reach ({@code design/engine.md}), and nothing where it set itself no
   * target.
   */
  Optional<Target> target(Contender own, Peer peer) {
    if (own == OTP_RAW) {
      return this == SPAWN && peer == Peer.ERLANG ? Target.of(1.2, 0.8) : Optional.empty();
    }
    return switch (peer) {
      case ERLANG -> targetOverErlang();
      case PEKKO -> targetOverPekko();
      case ERLANG_BARE -> this == RESTART ? Target.of(2, 1) : Optional.empty();
    };
  }

  private Optional<Target> targetOverErlang() {
    return switch (this) {
      case SPAWN -> Target.of(4, 2.5);
      case IDLE -> Target.of(20);
      case ONE1, ONE8 -> Target.of(3, 2);
      case PP1 -> Target.of(3.5, 2.5);
      case PP1000 -> Target.of(4.5, 3);
      case CALL1 -> Target.of(1.1, 0.8);
      case CALL1000 -> Target.of(3, 1.5);
      case RING -> Target.of(3.5, 2.5);
      case QUEUED -> Target.of(1.2, 0.9);
      case RESTART -> Target.of(20);
      case QUEUED_EMPTY, RESTART_BARE, RESTART_LONG -> Optional.empty();
    };
  }

  private Optional<Target> targetOverPekko() {
    return switch (this) {
      case SPAWN -> Target.of(10, 6);
      case IDLE -> Target.of(6);
      case ONE1, ONE8, PP1 -> Target.of(1.7, 1.2);
      case PP1000 -> Target.of(1, 0.8);
      case CALL1 -> Target.of(8, 2);
      case CALL1000 -> Target.of(2.5, 1.5);
      case RING -> Target.of(2, 1.4);
      case RESTART -> Target.of(1.5, 1);
      case QUEUED, QUEUED_EMPTY, RESTART_BARE, RESTART_LONG -> Optional.empty();
    };
  }

  @Override
  public String toString() {
    return id;
  }

  private static Set<Contender> everywhere() {
    return EnumSet.allOf(Contender.class);
  }

  /** Whom the own figures are divided by. */
  enum Peer {
    ERLANG,
    /** The better of default and tuned. */
    PEKKO,
    /** Erlang without a {@code supervisor}; only for {@link Workload#RESTART}. */
    ERLANG_BARE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Ratio to reach, and the ratio below which something is wrong. */
  record Target(double goal, double floor) {
    static Optional<Target> of(double goal, double floor) {
      return Optional.of(new Target(goal, floor));
    }

    static Optional<Target> of(double goal) {
      return of(goal, 0);
    }
  }
}
