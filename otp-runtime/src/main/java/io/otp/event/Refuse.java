package io.otp.event;

import java.util.Objects;

/**
 * Thrown by a handler's {@code init} that does not want to be added: OTP's return of anything but
 * {@code ok}. Who adds the handler gets the value, see {@link AddResult.Refused}.
 *
 * {@snippet :
 * if (!Files.isWritable(directory)) {
 *   throw Refuse.with("not writable: " + directory);
 * }
 * }
 */
public final class Refuse extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Object value;

  private Refuse(Object value) {
    super(String.valueOf(value), null, false, false);
    this.value = value;
  }

  /**
   * Not added, for a reason that the adder may act on.
   *
   * @param value immutable
   */
  public static Refuse with(Object value) {
    return new Refuse(Objects.requireNonNull(value, "a refusal cannot be null"));
  }

  Object value() {
    return value;
  }
}
