package io.otp.autoconfigure.actuate;

import io.otp.process.ProcessSummary;
import io.otp.process.ProcessView;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which processes a list shows.
 *
 * @param name its registered name, or the beginning of it and {@code *}; {@code null} for any
 * @param behaviour its callback module or the OTP behaviour of that; {@code null} for any
 * @param application its application; {@code null} for any
 */
record ProcessFilter(
    @Nullable String name, @Nullable String behaviour, @Nullable String application)
    implements Predicate<ProcessView> {

  @Override
  public boolean test(ProcessView process) {
    return isOf(process.application(), process.module(), process.behaviour())
        && (name == null || hasName(process.name()));
  }

  /** As {@link #test}, but for the name. */
  boolean isOf(ProcessSummary process) {
    return isOf(process.application(), process.module(), process.behaviour());
  }

  private boolean isOf(@Nullable String ofApplication, String module, String ofBehaviour) {
    return (application == null || application.equals(ofApplication))
        && (behaviour == null || behaviour.equals(module) || behaviour.equals(ofBehaviour));
  }

  private boolean hasName(@Nullable String actual) {
    if (actual == null || name == null) {
      return false;
    }
    return name.endsWith("*")
        ? actual.startsWith(name.substring(0, name.length() - 1))
        : actual.equals(name);
  }
}
