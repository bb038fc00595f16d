package io.otp.table;

/** An operation on a table was refused: Erlang's {@code badarg} of {@code ets}. */
public final class TableException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** The table has been deleted, or has ended with its owner. */
    GONE,
    /** The table is not the caller's to read, to write or to give away. */
    ACCESS,
    /** There is no such key, or no such position. */
    NO_KEY,
    /** The name is taken or is none. */
    NAME,
    /** Tables of this type cannot do this. */
    TYPE,
    /** A key, a value or another argument is not allowed. */
    ARGUMENT
  }

  private final String table;
  private final Reason reason;

  /**
   * A refusal.
   *
   * @param table the name of the table
   * @param reason why
   * @param message who, what, what is allowed, what to do
   */
  public TableException(String table, Reason reason, String message) {
    super(message);
    this.table = table;
    this.reason = reason;
  }

  /** The name of the table. */
  public String table() {
    return table;
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }
}
