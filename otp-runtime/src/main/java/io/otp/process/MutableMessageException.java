package io.otp.process;

/**
 * A message or a state cannot be shown immutable and was refused: nothing was sent, the state did
 * not change. The text names the component and the line to write.
 */
public final class MutableMessageException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final What what;
  private final String type;
  private final String component;
  private final String fix;

  /** What was refused. */
  public enum What {
    /** A message at its send. */
    MESSAGE("Message"),
    /** A state that a callback returned. */
    STATE("State");

    final String title;

    What(String title) {
      this.title = title;
    }
  }

  MutableMessageException(What what, String type, String component, String fix, String text) {
    super(text);
    this.what = what;
    this.type = type;
    this.component = component;
    this.fix = fix;
  }

  /** Whether a message or a state was refused. */
  public What what() {
    return what;
  }

  /**
   * Binary name of the class of the message or state. A name, so that a kept exception keeps no
   * class loader.
   */
  public String type() {
    return type;
  }

  /**
   * Where in it the objection lies, such as {@code order.lines[].product}; empty if it is the
   * message or state itself.
   */
  public String component() {
    return component;
  }

  /** What to write instead. */
  public String fix() {
    return fix;
  }
}
