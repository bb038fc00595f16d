package io.otp.process;

import org.jspecify.annotations.Nullable;

/**
 * How a process is started: Erlang's {@code spawn_opt}.
 *
 * @param link whether it is linked to the process that starts it, atomically
 * @param monitor whether the process that starts it monitors it, atomically
 * @param label see {@link Self#label}
 * @param application the application it belongs to; {@code null}: that of the process that starts
 *     it
 */
public record SpawnOptions(
    boolean link, boolean monitor, @Nullable String label, @Nullable String application) {

  /** Neither linked nor monitored. */
  public static final SpawnOptions NONE = new SpawnOptions(false, false, null, null);

  /** Linked. */
  public static final SpawnOptions LINK = new SpawnOptions(true, false, null, null);

  /** Monitored. */
  public static final SpawnOptions MONITOR = new SpawnOptions(false, true, null, null);

  /** With a label. */
  public SpawnOptions withLabel(String label) {
    return new SpawnOptions(link, monitor, label, application);
  }

  /** As part of an application. */
  public SpawnOptions withApplication(String application) {
    return new SpawnOptions(link, monitor, label, application);
  }
}
