package io.otp.sample.chat;

import io.otp.process.Immutable;

/**
 * A text frame as it goes over the wire: encoded once, shared by all who get it. Nobody changes the
 * bytes.
 */
@Immutable
final class Frame {

  private final byte[] utf8;

  Frame(byte[] utf8) {
    this.utf8 = utf8;
  }

  byte[] utf8() {
    return utf8;
  }

  int size() {
    return utf8.length;
  }

  @Override
  public String toString() {
    return "Frame[" + utf8.length + " bytes]";
  }
}
