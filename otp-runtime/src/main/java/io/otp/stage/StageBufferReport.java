package io.otp.stage;

import io.otp.process.Pid;
import io.otp.process.Report;

/**
 * A stage emitted more than its consumers asked for and than its buffer holds.
 *
 * @param pid the stage
 * @param dropped how many events were dropped just now
 * @param bufferSize how many it keeps
 */
public record StageBufferReport(Pid pid, int dropped, int bufferSize) implements Report {

  @Override
  public Level level() {
    return Level.WARNING;
  }

  @Override
  public String label() {
    return "gen_stage,buffer_full";
  }

  @Override
  public String toString() {
    return "Stage "
        + pid
        + " dropped "
        + dropped
        + " events: its buffer holds "
        + bufferSize
        + " and its consumers ask for less than it emits. Emit no more than handleDemand says, or"
        + " raise the buffer.";
  }
}
