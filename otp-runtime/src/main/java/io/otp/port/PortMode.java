package io.otp.port;

/**
 * How bytes become messages. What is sent to a program in packets gets the same header; in the
 * other modes it is written as it is.
 *
 * {@snippet :
 * PortSpec.of("/usr/bin/bc", "-q").withMode(PortMode.lines(4096));
 * }
 *
 * @see <a href="https://www.erlang.org/doc/apps/erts/erlang.html#open_port/2">open_port/2</a>
 */
public sealed interface PortMode {

  /** Bytes as they come, in pieces of any size up to 65,536: the default. */
  PortMode STREAM = new Stream();

  /** The longest packet with four bytes of length, unless another is given: 1 MiB. */
  int DEFAULT_LONGEST = 1 << 20;

  /**
   * Lines, <code>{line, Max}</code>: they end with a line feed, which is not part of them.
   *
   * @param longest what is longer comes in pieces of this many bytes; 1 to 16,777,216
   */
  static PortMode lines(int longest) {
    return new Lines(longest);
  }

  /**
   * Packets, <code>{packet, N}</code>: each has its length before it, most significant byte first.
   *
   * @param header bytes of the length: 1, 2 or 4
   */
  static PortMode packet(int header) {
    return packet(header, DEFAULT_LONGEST);
  }

  /**
   * Packets that are not longer than {@code longest}, either way. A program that sends a longer one
   * has its port closed.
   *
   * @param header bytes of the length: 1, 2 or 4
   * @param longest in bytes, at least 1; what the header cannot say does not count
   */
  static PortMode packet(int header, int longest) {
    return new Packet(header, longest);
  }

  /** Bytes as they come. */
  record Stream() implements PortMode {}

  /**
   * Lines.
   *
   * @param longest in bytes
   */
  record Lines(int longest) implements PortMode {

    private static final int MOST = 1 << 24;

    /** Checks the length. */
    public Lines {
      if (longest < 1 || longest > MOST) {
        throw new IllegalArgumentException(
            "A longest line of "
                + longest
                + " bytes is not allowed, it must be 1 to "
                + MOST
                + ". Longer lines come in pieces.");
      }
    }
  }

  /**
   * Packets.
   *
   * @param header bytes of the length
   * @param longest in bytes
   */
  record Packet(int header, int longest) implements PortMode {

    /** Checks the header, and lowers the length to what that can say. */
    public Packet {
      if (header != 1 && header != 2 && header != 4) {
        throw new IllegalArgumentException(
            "A packet header of " + header + " bytes is not allowed, it must be 1, 2 or 4");
      }
      if (longest < 1) {
        throw new IllegalArgumentException(
            "A longest packet of " + longest + " bytes is not allowed, it must be at least 1");
      }
      longest = header == 4 ? longest : Math.min(longest, (1 << 8 * header) - 1);
    }
  }
}
