package io.otp.autoconfigure.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.otp.application.ApplicationInfo;
import io.otp.process.BehaviourCounters;
import io.otp.process.ProcessRuntime;
import io.otp.process.RuntimeStats;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The node.
 *
 * @param name what logs and tools call it
 * @param version the version of the runtime
 * @param startedAt when it was started
 * @param uptime for how long it has been running
 * @param processes processes now, and how many there may be
 * @param names registered names, of which there may be as many as processes
 * @param timers armed timers, approximately; there is no limit
 * @param schedulers what runs behaviours
 * @param totals counts since it was started
 * @param zombies dead processes whose code has not returned yet; each holds a thread
 * @param applications its applications in start order
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record NodeDescriptor(
    String name,
    String version,
    Instant startedAt,
    Duration uptime,
    Usage processes,
    Usage names,
    Usage timers,
    Schedulers schedulers,
    Totals totals,
    int zombies,
    List<Application> applications) {

  /**
   * A count and its limit.
   *
   * @param count how many there are
   * @param limit how many there may be, {@code null} for no limit
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record Usage(long count, @Nullable Integer limit) {}

  /**
   * What runs behaviours.
   *
   * @param slots how many behaviours run at once
   * @param busy slots in use
   * @param runQueue processes that wait for a slot, approximately
   * @param workers threads
   * @param extraCarriers carriers added to the JVM's virtual thread scheduler
   */
  public record Schedulers(int slots, int busy, int runQueue, int workers, int extraCarriers) {}

  /**
   * Counts since the start.
   *
   * @param spawned processes started
   * @param exitedNormally processes that ended with normal or shutdown
   * @param exitedAbnormally processes that ended otherwise
   * @param messagesHandled messages that callbacks handled
   * @param deadLetters messages to processes that were gone
   * @param restarts restarts that supervisors did
   * @param slowCallbacks callbacks that ran longer than 100 ms
   * @param retakenSlots how often a slot was taken away from a callback
   * @param rescuedWakeUps anything but 0 is a bug of the runtime
   */
  public record Totals(
      long spawned,
      long exitedNormally,
      long exitedAbnormally,
      long messagesHandled,
      long deadLetters,
      long restarts,
      long slowCallbacks,
      long retakenSlots,
      long rescuedWakeUps) {}

  /**
   * An application.
   *
   * @param name its name, that of its top supervisor too
   * @param type permanent, transient or temporary
   * @param running whether it runs
   * @param pid its top supervisor
   * @param ended why it ended by itself, {@code null} if it did not
   */
  @JsonInclude(JsonInclude.Include.ALWAYS)
  public record Application(
      String name,
      @Nullable String type,
      boolean running,
      @Nullable String pid,
      @Nullable String ended) {

    static Application of(ApplicationInfo status) {
      return new Application(
          status.name(),
          status.type() == null ? null : status.type().name().toLowerCase(Locale.ROOT),
          status.running(),
          status.supervisor() == null ? null : status.supervisor().toString(),
          status.ended() == null ? null : status.ended().toString());
    }
  }

  static NodeDescriptor of(
      ProcessRuntime runtime, String version, List<ApplicationInfo> applications) {
    RuntimeStats stats = runtime.stats();
    Instant now = runtime.clock().instant();
    return new NodeDescriptor(
        runtime.name(),
        version,
        runtime.startedAt(),
        Duration.between(runtime.startedAt(), now),
        new Usage(stats.processes(), stats.processLimit()),
        new Usage(stats.names(), stats.processLimit()),
        new Usage(stats.timers(), null),
        new Schedulers(
            stats.schedulers(),
            stats.busySchedulers(),
            stats.runQueue(),
            stats.workers(),
            stats.extraCarriers()),
        new Totals(
            stats.spawned(),
            stats.exitedNormally(),
            stats.exitedAbnormally(),
            runtime.counters().stream().mapToLong(BehaviourCounters::handled).sum(),
            stats.deadLetters(),
            runtime.counters().stream().mapToLong(BehaviourCounters::restarts).sum(),
            stats.slowCallbacks(),
            stats.retakenSlots(),
            stats.rescuedWakeUps()),
        stats.zombies(),
        applications.stream().map(Application::of).toList());
  }
}
