package io.otp.process;

/**
 * A message was sent to a name that nobody has: Erlang's {@code badarg} of {@code Name ! Message}.
 */
public final class NoSuchNameException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final String name;

  NoSuchNameException(String name) {
    super(
        "No process is registered as '"
            + name
            + "', so the message was not sent. Start it first, or send to a pid, which never"
            + " fails.");
    this.name = name;
  }

  /** The name. */
  public String name() {
    return name;
  }
}
