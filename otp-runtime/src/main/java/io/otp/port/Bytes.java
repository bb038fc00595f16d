package io.otp.port;

import io.otp.process.Immutable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Bytes that do not change, so that they may be sent: Erlang's binary.
 *
 * {@snippet :
 * Bytes line = Bytes.utf8("2 + 2\n");
 * }
 */
@Immutable
public final class Bytes {

  /** None. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private static final int SHOWN = 64;

  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** A copy of {@code bytes}. */
  public static Bytes of(byte... bytes) {
    return new Bytes(bytes.clone());
  }

  /** A text in UTF-8. */
  public static Bytes utf8(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Without a copy: nobody changes {@code array} any more. */
  static Bytes owning(byte[] array) {
    return new Bytes(array);
  }

  /** Not a copy: nobody may change it. */
  byte[] array() {
    return array;
  }

  /** How many. */
  public int size() {
    return array.length;
  }

  /** A copy. */
  public byte[] toArray() {
    return array.clone();
  }

  /** The bytes without a copy, read-only. */
  public ByteBuffer toByteBuffer() {
    return ByteBuffer.wrap(array).asReadOnlyBuffer();
  }

  /** As text in UTF-8; what is none becomes U+FFFD. */
  public String text() {
    return new String(array, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array);
  }

  /** The first 64 bytes as text, and how many there are. */
  @Override
  public String toString() {
    return array.length <= SHOWN
        ? "Bytes[" + text() + "]"
        : "Bytes["
            + new String(array, 0, SHOWN, StandardCharsets.UTF_8)
            + "… "
            + array.length
            + " bytes]";
  }
}
