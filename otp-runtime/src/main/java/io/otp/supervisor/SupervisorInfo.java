package io.otp.supervisor;

import io.otp.process.Pid;
import java.time.Duration;
import java.util.List;

/**
 * A supervisor as tools show it.
 *
 * @param name its name
 * @param pid its process
 * @param strategy which children a restart concerns
 * @param intensity how many restarts are allowed within {@code period}
 * @param period the window
 * @param restartsInPeriod how many restarts count against the intensity now
 * @param restarts how many there were since it was started
 * @param counts how many children it has
 * @param children its children in start order, or as many as were asked for
 */
public record SupervisorInfo(
    String name,
    Pid pid,
    Strategy strategy,
    int intensity,
    Duration period,
    int restartsInPeriod,
    long restarts,
    ChildCounts counts,
    List<Child> children) {

  /**
   * A child and how it is restarted.
   *
   * @param info the child
   * @param restart its restart type
   */
  public record Child(ChildInfo info, Restart restart) {}
}
