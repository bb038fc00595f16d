package io.otp.autoconfigure.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.otp.process.MailboxBound;
import io.otp.process.ProcessInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a process.
 *
 * @param pid its address
 * @param name its registered name
 * @param label its label
 * @param behaviour its callback module
 * @param otpBehaviour the OTP behaviour of that: gen_server, supervisor, …
 * @param application its application
 * @param status running, runnable, waiting, suspended or exiting
 * @param mailbox how many messages wait
 * @param mailboxBound the bound of its mailbox, if it has one
 * @param refused how many messages the bound refused or dropped
 * @param reductions how many messages it has handled
 * @param startedAt when it was started
 * @param trapExits whether exit signals reach it as messages
 * @param links whom it is linked to, at most 1,000
 * @param monitors whom it monitors: pids or names, at most 1,000
 * @param monitoredBy who monitors it, at most 1,000
 * @param ancestors who started it, nearest first
 * @param currentFunction where its code is, if it is running
 * @param stack the same with what called it, at most 32 frames
 * @param state its state as its server shows it; asterisks unless it may be shown
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ProcessDetailDescriptor(
    String pid,
    @Nullable String name,
    @Nullable String label,
    String behaviour,
    String otpBehaviour,
    @Nullable String application,
    String status,
    int mailbox,
    @Nullable Bound mailboxBound,
    long refused,
    long reductions,
    Instant startedAt,
    boolean trapExits,
    List<String> links,
    List<String> monitors,
    List<String> monitoredBy,
    List<String> ancestors,
    @Nullable String currentFunction,
    List<String> stack,
    @Nullable String state) {

  /**
   * The bound of a mailbox.
   *
   * @param limit how many messages may wait
   * @param policy what happens to those beyond it
   * @param timeout how long a sender waits under the policy block
   */
  public record Bound(int limit, String policy, Duration timeout) {
    static @Nullable Bound of(@Nullable MailboxBound bound) {
      return bound == null
          ? null
          : new Bound(bound.limit(), bound.policy().text(), bound.timeout());
    }
  }

  static ProcessDetailDescriptor of(ProcessInfo info, @Nullable String state) {
    ProcessDescriptor line = ProcessDescriptor.of(info.summary());
    return new ProcessDetailDescriptor(
        line.pid(),
        line.name(),
        line.label(),
        line.behaviour(),
        info.summary().behaviour(),
        line.application(),
        line.status(),
        line.mailbox(),
        Bound.of(info.mailboxBound()),
        info.refusedMessages(),
        line.reductions(),
        line.startedAt(),
        info.trapsExits(),
        texts(info.links()),
        texts(info.monitors()),
        texts(info.monitoredBy()),
        texts(info.ancestors()),
        info.stack().isEmpty() ? null : info.stack().getFirst(),
        info.stack(),
        state);
  }

  private static List<String> texts(List<?> values) {
    return values.stream().map(Object::toString).toList();
  }
}
