package io.otp.supervisor;

/**
 * A supervisor's flags or a child spec are not possible. Thrown where the spec is made, so that a
 * supervisor process never sees one; OTP refuses it at start, with <code>{start_spec, Error}</code>
 * or <code>{supervisor_data, Error}</code>.
 */
public final class InvalidSpecException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final transient SpecError error;

  /** For {@code error}, whose message it has. */
  public InvalidSpecException(SpecError error) {
    super(error.message());
    this.error = error;
  }

  /** What is wrong, as data. */
  public SpecError error() {
    return error;
  }
}
