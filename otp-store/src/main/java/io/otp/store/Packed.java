package io.otp.store;

import io.otp.table.TableType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The objects under one key as bytes: for each its length and its bytes, in the order in which they
 * came. What is equal has equal bytes, so tables need not read them.
 */
final class Packed {

  private Packed() {}

  static <T> byte[] encode(Codec<T> codec, T value) {
    var bytes = new ByteArrayOutputStream();
    try {
      codec.write(value, new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Reads a value, and all of its bytes. */
  static <T> T decode(Codec<T> codec, byte[] bytes) throws IOException {
    var in = new ByteArrayInputStream(bytes);
    T value = codec.read(new DataInputStream(in));
    if (in.available() != 0) {
      throw new IOException(in.available() + " bytes are left of " + bytes.length);
    }
    return value;
  }

  static byte[] pack(List<byte[]> objects) {
    int length = 0;
    for (byte[] object : objects) {
      length += Integer.BYTES + object.length;
    }
    ByteBuffer packed = ByteBuffer.allocate(length);
    for (byte[] object : objects) {
      packed.putInt(object.length).put(object);
    }
    return packed.array();
  }

  static List<byte[]> unpack(byte[] packed) {
    var objects = new ArrayList<byte[]>(1);
    ByteBuffer left = ByteBuffer.wrap(packed);
    while (left.hasRemaining()) {
      byte[] object = new byte[left.getInt()];
      left.get(object);
      objects.add(object);
    }
    return objects;
  }

  static int count(byte @Nullable [] packed) {
    int count = 0;
    if (packed != null) {
      for (ByteBuffer left = ByteBuffer.wrap(packed); left.hasRemaining(); count++) {
        int length = left.getInt();
        left.position(left.position() + length);
      }
    }
    return count;
  }

  /** With one object more, as the type of the table has it. */
  static byte[] plus(byte @Nullable [] packed, byte[] object, TableType type) {
    if (packed == null || type.isSet()) {
      return pack(List.of(object));
    }
    List<byte[]> objects = unpack(packed);
    if (type == TableType.BAG && objects.stream().anyMatch(o -> Arrays.equals(o, object))) {
      return packed;
    }
    objects.add(object);
    return pack(objects);
  }

  /** Without the objects that are equal to {@code object}; {@code null} if none is left. */
  static byte @Nullable [] minus(byte @Nullable [] packed, byte[] object) {
    if (packed == null) {
      return null;
    }
    List<byte[]> left = unpack(packed);
    left.removeIf(o -> Arrays.equals(o, object));
    return left.isEmpty() ? null : pack(left);
  }
}
