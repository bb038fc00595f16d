package io.otp.port;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Cuts a program's output into messages, by the mode of the port. Used by one thread. */
abstract class Frames {

  /** A program sent a packet that is longer than allowed. */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLongException(long length, int longest) {
      super(
          "the program sent a packet of "
              + length
              + " bytes, but "
              + longest
              + " are the most that PortMode.packet allows here");
    }
  }

  private static final int CHUNK = 1 << 16;

  /**
   * The next piece of output.
   *
   * @param bytes without header and line feed
   * @param eol whether a line is complete; {@code true} where there are no lines
   * @param size in bytes as they were read
   */
  record Frame(Bytes bytes, boolean eol, int size) {}

  final InputStream in;

  private Frames(InputStream in) {
    this.in = in;
  }

  static Frames of(PortMode mode, InputStream in) {
    return switch (mode) {
      case PortMode.Stream _ -> new Pieces(in);
      case PortMode.Packet packet -> new Packets(packet, in);
      case PortMode.Lines(int longest) -> new Lines(longest, in);
    };
  }

  /** Waits for the next; {@code null} at the end of the output. */
  abstract @Nullable Frame next() throws IOException;

  /** What is written to the program for {@code bytes}; {@code null}: it is too long. */
  static byte @Nullable [] framed(PortMode mode, Bytes bytes) {
    byte[] array = bytes.array();
    if (!(mode instanceof PortMode.Packet(int header, int longest))) {
      return array;
    }
    if (array.length > longest) {
      return null;
    }
    byte[] packet = new byte[header + array.length];
    for (int i = 0; i < header; i++) {
      packet[i] = (byte) (array.length >>> 8 * (header - 1 - i));
    }
    System.arraycopy(array, 0, packet, header, array.length);
    return packet;
  }

  private static final class Pieces extends Frames {
    private final byte[] buffer = new byte[CHUNK];

    Pieces(InputStream in) {
      super(in);
    }

    @Override
    @Nullable Frame next() throws IOException {
      int n = in.read(buffer);
      return n < 0 ? null : new Frame(Bytes.owning(Arrays.copyOf(buffer, n)), true, n);
    }
  }

  private static final class Packets extends Frames {
    private final PortMode.Packet mode;

    Packets(PortMode.Packet mode, InputStream in) {
      super(in);
      this.mode = mode;
    }

    @Override
    @Nullable Frame next() throws IOException {
      byte[] header = in.readNBytes(mode.header());
      if (header.length < mode.header()) {
        return null;
      }
      long length = 0;
      for (byte b : header) {
        length = length << 8 | b & 0xff;
      }
      if (length > mode.longest()) {
        throw new TooLongException(length, mode.longest());
      }
      byte[] bytes = in.readNBytes((int) length); // grows as it is read: a header may lie
      return bytes.length < length
          ? null
          : new Frame(Bytes.owning(bytes), true, header.length + bytes.length);
    }
  }

  /** A line that is as long as allowed is known to be too long when its next byte is there. */
  private static final class Lines extends Frames {
    private final int longest;
    private final byte[] buffer = new byte[8192];
    private ByteBuffer chunk = ByteBuffer.allocate(0);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Lines(int longest, InputStream in) {
      super(in);
      this.longest = longest;
    }

    @Override
    @Nullable Frame next() throws IOException {
      while (true) {
        if (!chunk.hasRemaining() && !refill()) {
          return line.size() == 0 ? null : frame(false);
        }
        int from = chunk.position();
        int most = Math.min(chunk.limit(), from + longest - line.size() + 1);
        int end = from;
        while (end < most && buffer[end] != '\n') {
          end++;
        }
        if (end < most) {
          line.write(buffer, from, end - from);
          chunk.position(end + 1);
          return frame(true);
        }
        int length = Math.min(end - from, longest - line.size());
        line.write(buffer, from, length);
        chunk.position(from + length);
        if (length < end - from) {
          return frame(false);
        }
      }
    }

    private boolean refill() throws IOException {
      int n = in.read(buffer);
      if (n > 0) {
        chunk = ByteBuffer.wrap(buffer, 0, n);
      }
      return n > 0;
    }

    private Frame frame(boolean eol) {
      byte[] bytes = line.toByteArray();
      line.reset();
      return new Frame(Bytes.owning(bytes), eol, bytes.length + (eol ? 1 : 0));
    }
  }
}
