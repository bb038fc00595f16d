package io.otp.autoconfigure.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import io.otp.supervisor.ChildCounts;
import io.otp.supervisor.ChildInfo;
import io.otp.supervisor.SupervisorInfo;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A supervisor and what is below it.
 *
 * @param name its name
 * @param pid its process
 * @param strategy one_for_one, one_for_all, rest_for_one or simple_one_for_one
 * @param intensity how many restarts are allowed within the period
 * @param period the window
 * @param context the id of the application context it owns
 * @param restartsInPeriod how many restarts count now; one more than the intensity and it gives up
 * @param counts how many children there are, also those that are not listed
 * @param children its children in start order, at most as many as were asked for
 * @param problem why nothing is known of it, {@code null} if something is
 */
@JsonInclude(Include.NON_NULL)
public record SupervisorDescriptor(
    @Nullable String name,
    String pid,
    @Nullable String strategy,
    @Nullable Integer intensity,
    @Nullable Duration period,
    @JsonInclude(Include.ALWAYS) @Nullable String context,
    @Nullable Integer restartsInPeriod,
    @Nullable Counts counts,
    @Nullable List<Child> children,
    @Nullable String problem) {

  /**
   * The trees.
   *
   * @param supervisors the top supervisor of each application
   */
  public record Trees(List<SupervisorDescriptor> supervisors) {}

  /**
   * How many children there are: {@code count_children}.
   *
   * @param specs child specs, running or not; 1 for a template
   * @param active children with a process
   * @param supervisors children that are supervisors
   * @param workers children that are workers
   */
  public record Counts(int specs, int active, int supervisors, int workers) {
    static Counts of(ChildCounts counts) {
      return new Counts(counts.specs(), counts.active(), counts.supervisors(), counts.workers());
    }
  }

  /**
   * A child; the items from {@code name} on are those of a supervisor, and only there.
   *
   * @param id its id, {@code null} under simple_one_for_one
   * @param pid its process, {@code null} if it has none
   * @param type worker or supervisor
   * @param restart permanent, transient or temporary
   * @param status running, restarting or undefined
   * @param restarts how often it was started again
   * @param lastExit how it ended last, {@code null} if it never did
   * @param name see {@link SupervisorDescriptor}
   * @param strategy see there
   * @param intensity see there
   * @param period see there
   * @param context see there
   * @param restartsInPeriod see there
   * @param counts see there
   * @param children see there
   * @param problem see there
   */
  @JsonInclude(Include.NON_NULL)
  public record Child(
      @JsonInclude(Include.ALWAYS) @Nullable String id,
      @JsonInclude(Include.ALWAYS) @Nullable String pid,
      String type,
      String restart,
      String status,
      int restarts,
      @JsonInclude(Include.ALWAYS) @Nullable String lastExit,
      @Nullable String name,
      @Nullable String strategy,
      @Nullable Integer intensity,
      @Nullable Duration period,
      @Nullable String context,
      @Nullable Integer restartsInPeriod,
      @Nullable Counts counts,
      @Nullable List<Child> children,
      @Nullable String problem) {

    /** A child with what is below it, {@code null} for a worker. */
    static Child of(
        ChildInfo info, @Nullable String lastExit, @Nullable SupervisorDescriptor below) {
      return new Child(
          info.id(),
          info.pid() == null ? null : info.pid().toString(),
          text(info.type()),
          text(info.restart()),
          text(info.status()),
          info.restarts(),
          lastExit,
          below == null ? null : below.name,
          below == null ? null : below.strategy,
          below == null ? null : below.intensity,
          below == null ? null : below.period,
          below == null ? null : below.context,
          below == null ? null : below.restartsInPeriod,
          below == null ? null : below.counts,
          below == null ? null : below.children,
          below == null ? null : below.problem);
    }
  }

  static SupervisorDescriptor of(
      SupervisorInfo info, @Nullable String context, List<Child> children) {
    return new SupervisorDescriptor(
        info.name(),
        info.pid().toString(),
        text(info.strategy()),
        info.intensity(),
        info.period(),
        context,
        info.restartsInPeriod(),
        Counts.of(info.counts()),
        children,
        null);
  }

  static SupervisorDescriptor unknown(String pid, String problem) {
    return new SupervisorDescriptor(null, pid, null, null, null, null, null, null, null, problem);
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
