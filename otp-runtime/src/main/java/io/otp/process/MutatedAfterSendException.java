package io.otp.process;

/** Found in the debug mode: somebody changed a message between its send and its receipt. */
public final class MutatedAfterSendException extends IllegalStateException {

  private static final long serialVersionUID = 1L;

  private final String type;

  MutatedAfterSendException(String type) {
    super(
        "Message "
            + type
            + " was changed after it was sent. An object that was sent belongs to nobody: look for"
            + " who still holds it, or a part of it, and writes to it; copy before the send"
            + " (List.copyOf, Set.copyOf, Map.copyOf) or make the part a record.");
    this.type = type;
  }

  /** Binary name of the class of the message. */
  public String type() {
    return type;
  }
}
