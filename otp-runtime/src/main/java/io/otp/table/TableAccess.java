package io.otp.table;

/** Who may read and write a table. A thread that runs no process has the rights of a stranger. */
public enum TableAccess {
  /** All read and write. */
  PUBLIC("public"),
  /** All read, the owner writes. */
  PROTECTED("protected"),
  /** The owner reads and writes. */
  PRIVATE("private");

  private final String text;

  TableAccess(String text) {
    this.text = text;
  }

  /** OTP's word for it. */
  @Override
  public String toString() {
    return text;
  }
}
