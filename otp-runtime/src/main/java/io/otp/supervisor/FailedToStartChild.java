package io.otp.supervisor;

import io.otp.process.ExitReason;

/**
 * Why a supervisor did not start: it ends with <code>
 * {shutdown, {failed_to_start_child, Id, Reason}}</code>, and this is the detail of that {@link
 * ExitReason.ShutdownWith}.
 *
 * @param id the child whose start failed
 * @param reason why
 */
public record FailedToStartChild(String id, ExitReason reason) {

  @Override
  public String toString() {
    return "{failed_to_start_child," + id + "," + reason + "}";
  }
}
