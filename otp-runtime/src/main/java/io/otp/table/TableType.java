package io.otp.table;

/** What a table keeps under a key, and in which order keys are visited. */
public enum TableType {
  /** One object for each key; keys are equal by {@code equals} and in no particular order. */
  SET("set"),
  /**
   * One object for each key; keys are visited in order and equal where {@link TermOrder}, or the
   * table's own comparator, says so: {@code 1} and {@code 1.0} are the same key.
   */
  ORDERED_SET("ordered_set"),
  /** Many objects for each key, in the order in which they came, no two of them equal. */
  BAG("bag"),
  /** Many objects for each key, in the order in which they came. */
  DUPLICATE_BAG("duplicate_bag");

  private final String text;

  TableType(String text) {
    this.text = text;
  }

  /** Whether there is at most one object for each key. */
  public boolean isSet() {
    return this == SET || this == ORDERED_SET;
  }

  /** OTP's word for it. */
  @Override
  public String toString() {
    return text;
  }
}
