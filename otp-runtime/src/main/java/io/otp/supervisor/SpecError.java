package io.otp.supervisor;

import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a supervisor's flags or a child spec. Data: it is also a reply and a reason.
 *
 * @param error OTP's word for it, such as {@code invalid_period} or {@code duplicate_child_name}
 * @param child the child it is about, {@code null} if it is about the supervisor or the child has
 *     no id
 * @param key the component that is wrong, named as in the record: {@code period}, {@code id},
 *     {@code children}
 * @param value what it is
 * @param message who, what it is, what is allowed, what to do
 */
public record SpecError(
    String error, @Nullable String child, String key, @Nullable Object value, String message) {

  @Override
  public String toString() {
    return error + ": " + message;
  }
}
