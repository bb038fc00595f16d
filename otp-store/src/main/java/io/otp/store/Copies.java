package io.otp.store;

/** Where this node keeps a table of {@link Mnesia}. Reads are from memory in both cases. */
public enum Copies {
  /** In memory only; it is empty after a start: {@code ram_copies}. */
  RAM("ram_copies"),
  /** In memory and on disk: {@code disc_copies}. */
  DISC("disc_copies");

  private final String text;

  Copies(String text) {
    this.text = text;
  }

  /** OTP's word for it. */
  @Override
  public String toString() {
    return text;
  }
}
