package io.otp.process;

/** A name could not be registered: Erlang's {@code badarg} of {@code register/2}. */
public final class NameTakenException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final String name;

  NameTakenException(String name, String message) {
    super(message);
    this.name = name;
  }

  /** The name that was asked for. */
  public String name() {
    return name;
  }
}
