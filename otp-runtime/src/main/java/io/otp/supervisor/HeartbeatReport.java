package io.otp.supervisor;

import io.otp.process.Pid;
import io.otp.process.Report;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A child did not answer its heartbeat and was killed. The report of its supervisor follows.
 *
 * @param pid the child
 * @param child its id
 * @param application the application it belongs to, {@code null} for none
 * @param timeout how long an answer was waited for
 */
public record HeartbeatReport(Pid pid, String child, @Nullable String application, Duration timeout)
    implements Report {

  @Override
  public Level level() {
    return Level.ERROR;
  }

  @Override
  public String label() {
    return "supervisor,no_heartbeat";
  }

  @Override
  public String toString() {
    return "Child '"
        + child
        + "' "
        + pid
        + " gave no sign of life within "
        + timeout.toMillis()
        + " ms and was killed: one of its callbacks takes longer, or more messages wait than it can"
        + " handle. Let it do slow work elsewhere, or raise the timeout of its heartbeat.";
  }
}
