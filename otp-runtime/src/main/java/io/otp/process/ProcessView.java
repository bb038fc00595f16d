package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * A look at one process after the other, without an object for each: what {@link
 * ProcessRuntime#look} hands to its visitor. Valid only until the visitor returns; keep {@link
 * #summary()}. Reading stops and locks nothing.
 */
public final class ProcessView {

  private final ProcessRuntime runtime;

  @SuppressWarnings("NullAway.Init") // set before a visitor sees it
  private Process process;

  ProcessView(ProcessRuntime runtime) {
    this.runtime = runtime;
  }

  ProcessView of(Process process) {
    this.process = process;
    return this;
  }

  /** The process. */
  public Pid pid() {
    return process;
  }

  /** Its registered name, {@code null} if it has none. */
  public @Nullable String name() {
    return process.name();
  }

  /** Its callback module, {@code raw} for a process with its own thread. */
  public String module() {
    return process.callbackModule().name();
  }

  /** The OTP behaviour of that module, {@code raw} as well. */
  public String behaviour() {
    return process.callbackModule().behaviour();
  }

  /** The application it belongs to, {@code null} for none. */
  public @Nullable String application() {
    return process.origin().application();
  }

  /** How many messages wait; exit signals and the like are not counted. */
  public int mailbox() {
    return process.mailboxSize();
  }

  /** How many messages it has handled. */
  public long handled() {
    return process.handled;
  }

  /** When it was started, in tenths of a second after its runtime. */
  public int startedAt() {
    return process.startedAt;
  }

  /** A line of a list, to be kept. */
  public ProcessSummary summary() {
    return runtime.summary(process);
  }
}
