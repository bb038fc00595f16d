package io.otp.store;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** Codecs of values that have no parts. */
final class Codecs {

  /** What a length is read in pieces of, so that a wrong one does not ask for all memory. */
  private static final int PIECE = 1 << 16;

  interface Writer<T> {
    void write(T value, DataOutput out) throws IOException;
  }

  interface Reader<T> {
    T read(DataInput in) throws IOException;
  }

  record Plain<T>(Class<T> type, String shape, Writer<T> writer, Reader<T> reader)
      implements Codec<T> {
    @Override
    public void write(T value, DataOutput out) throws IOException {
      writer.write(value, out);
    }

    @Override
    public T read(DataInput in) throws IOException {
      return reader.read(in);
    }

    @Override
    public String toString() {
      return shape;
    }
  }

  static final Codec<String> STRING =
      new Plain<>(String.class, "string", Codecs::writeText, Codecs::readText);
  static final Codec<Long> LONG =
      new Plain<>(Long.class, "long", (v, out) -> out.writeLong(v), DataInput::readLong);
  static final Codec<Integer> INT =
      new Plain<>(Integer.class, "int", (v, out) -> out.writeInt(v), DataInput::readInt);
  static final Codec<Short> SHORT =
      new Plain<>(Short.class, "short", (v, out) -> out.writeShort(v), DataInput::readShort);
  static final Codec<Byte> BYTE =
      new Plain<>(Byte.class, "byte", (v, out) -> out.writeByte(v), DataInput::readByte);
  static final Codec<Character> CHAR =
      new Plain<>(Character.class, "char", (v, out) -> out.writeChar(v), DataInput::readChar);
  static final Codec<Double> DOUBLE =
      new Plain<>(
          Double.class,
          "double",
          (v, out) -> out.writeLong(Double.doubleToLongBits(v)), // one NaN, as equals has it
          in -> Double.longBitsToDouble(in.readLong()));
  static final Codec<Float> FLOAT =
      new Plain<>(
          Float.class,
          "float",
          (v, out) -> out.writeInt(Float.floatToIntBits(v)),
          in -> Float.intBitsToFloat(in.readInt()));
  static final Codec<Boolean> BOOLEAN =
      new Plain<>(
          Boolean.class, "boolean", (v, out) -> out.writeBoolean(v), DataInput::readBoolean);
  static final Codec<BigInteger> BIG_INTEGER =
      new Plain<>(
          BigInteger.class,
          "integer",
          (v, out) -> writeBytes(v.toByteArray(), out),
          in -> bigInteger(readBytes(in)));
  static final Codec<BigDecimal> BIG_DECIMAL =
      new Plain<>(
          BigDecimal.class,
          "decimal",
          (v, out) -> {
            out.writeInt(v.scale());
            writeBytes(v.unscaledValue().toByteArray(), out);
          },
          in -> {
            int scale = in.readInt();
            return new BigDecimal(bigInteger(readBytes(in)), scale);
          });
  static final Codec<UUID> UUIDS =
      new Plain<>(
          UUID.class,
          "uuid",
          (v, out) -> {
            out.writeLong(v.getMostSignificantBits());
            out.writeLong(v.getLeastSignificantBits());
          },
          in -> new UUID(in.readLong(), in.readLong()));
  static final Codec<Instant> INSTANT =
      new Plain<>(
          Instant.class,
          "instant",
          (v, out) -> {
            out.writeLong(v.getEpochSecond());
            out.writeInt(v.getNano());
          },
          in -> time(() -> Instant.ofEpochSecond(in.readLong(), in.readInt())));
  static final Codec<Duration> DURATION =
      new Plain<>(
          Duration.class,
          "duration",
          (v, out) -> {
            out.writeLong(v.getSeconds());
            out.writeInt(v.getNano());
          },
          in -> time(() -> Duration.ofSeconds(in.readLong(), in.readInt())));
  static final Codec<LocalDate> LOCAL_DATE =
      new Plain<>(
          LocalDate.class,
          "date",
          (v, out) -> out.writeLong(v.toEpochDay()),
          in -> time(() -> LocalDate.ofEpochDay(in.readLong())));

  static final List<Codec<?>> ALL =
      List.of(
          STRING,
          LONG,
          INT,
          SHORT,
          BYTE,
          CHAR,
          DOUBLE,
          FLOAT,
          BOOLEAN,
          BIG_INTEGER,
          BIG_DECIMAL,
          UUIDS,
          INSTANT,
          DURATION,
          LOCAL_DATE);

  private Codecs() {}

  private interface Moment<T> {
    T read() throws IOException;
  }

  private static <T> T time(Moment<T> moment) throws IOException {
    try {
      return moment.read();
    } catch (DateTimeException | ArithmeticException e) {
      throw new IOException("no such time", e);
    }
  }

  private static BigInteger bigInteger(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      throw new IOException("a number without digits");
    }
    return new BigInteger(bytes);
  }

  /** In UTF-8, but for a text that has half a pair of surrogates: as it is. */
  static void writeText(String text, DataOutput out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (new String(bytes, StandardCharsets.UTF_8).equals(text)) {
      out.writeByte(0);
      writeBytes(bytes, out);
    } else {
      out.writeByte(1);
      out.writeInt(text.length());
      for (int i = 0; i < text.length(); i++) {
        out.writeChar(text.charAt(i));
      }
    }
  }

  static String readText(DataInput in) throws IOException {
    if (in.readByte() == 0) {
      return new String(readBytes(in), StandardCharsets.UTF_8);
    }
    var text = new StringBuilder();
    for (int left = length(in.readInt()); left > 0; left--) {
      text.append(in.readChar());
    }
    return text.toString();
  }

  static int length(int length) throws IOException {
    if (length < 0) {
      throw new IOException("a length of " + length);
    }
    return length;
  }

  private static void writeBytes(byte[] bytes, DataOutput out) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] readBytes(DataInput in) throws IOException {
    int length = length(in.readInt());
    byte[] bytes = new byte[Math.min(length, PIECE)];
    in.readFully(bytes);
    int read = bytes.length;
    while (read < length) {
      int more = Math.min(length - read, read);
      bytes = Arrays.copyOf(bytes, read + more);
      in.readFully(bytes, read, more);
      read += more;
    }
    return bytes;
  }
}
