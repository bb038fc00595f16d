package io.otp.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Output cut into messages, whatever the pieces in which it is read. */
class FramesTests {

  /** Gives at most so many bytes at a time. */
  private static InputStream pieces(byte[] bytes, int most) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public int read(byte[] target, int from, int length) {
        return super.read(target, from, Math.min(length, most));
      }
    };
  }

  private static List<String> all(PortMode mode, byte[] bytes, int most) throws IOException {
    var told = new ArrayList<String>();
    Frames frames = Frames.of(mode, pieces(bytes, most));
    for (Frames.Frame f = frames.next(); f != null; f = frames.next()) {
      told.add((f.eol() ? "" : "noeol ") + f.bytes().text());
    }
    return told;
  }

  @Test
  @Rule("11.03")
  void linesAreCutAtLineFeedsAndAtTheLongest() throws IOException {
    byte[] output = Bytes.utf8("ab\n\nabcdefgh\nabcd\nabcde\nxy").toArray();
    for (int most = 1; most < 10; most++) {
      assertThat(all(PortMode.lines(4), output, most))
          .containsExactly("ab", "", "noeol abcd", "efgh", "abcd", "noeol abcd", "e", "noeol xy");
    }
  }

  @Test
  @Rule("11.03")
  void linesJoinToWhatWasWritten() throws IOException {
    Random random = TestRuntime.random("linesJoinToWhatWasWritten");
    for (int round = 0; round < 300; round++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(40_000); i > 0; i--) {
        text.append(random.nextInt(30) == 0 ? '\n' : (char) ('a' + random.nextInt(26)));
      }
      int longest = 1 + random.nextInt(50);
      Frames frames =
          Frames.of(
              PortMode.lines(longest),
              pieces(Bytes.utf8(text.toString()).toArray(), 1 + random.nextInt(20_000)));
      var joined = new StringBuilder();
      for (Frames.Frame f = frames.next(); f != null; f = frames.next()) {
        assertThat(f.bytes().size()).isLessThanOrEqualTo(longest);
        joined.append(f.bytes().text()).append(f.eol() ? "\n" : "");
      }
      assertThat(joined.toString()).isEqualTo(text.toString());
    }
  }

  @Test
  @Rule("11.03")
  void packetsHaveTheirLengthBeforeThemMostSignificantByteFirst() throws IOException {
    for (int header : new int[] {1, 2, 4}) {
      PortMode mode = PortMode.packet(header);
      var output = new ByteArrayOutputStream();
      for (String text : List.of("hello", "", "x".repeat(255), "y")) {
        byte[] packet = Frames.framed(mode, Bytes.utf8(text));
        assertThat(packet).hasSize(header + text.length());
        assertThat(packet[header - 1]).isEqualTo((byte) text.length());
        output.writeBytes(packet);
      }
      output.writeBytes(Arrays.copyOf(Frames.framed(mode, Bytes.utf8("cut off")), header + 3));
      assertThat(all(mode, output.toByteArray(), 3))
          .containsExactly("hello", "", "x".repeat(255), "y");
    }
    assertThat(Frames.framed(PortMode.packet(4), Bytes.of(new byte[0x10203])))
        .startsWith((byte) 0, (byte) 1, (byte) 2, (byte) 3);
  }

  @Test
  @Rule("11.03")
  void packetsLongerThanAllowedAreRefusedBothWays() {
    assertThat(Frames.framed(PortMode.packet(1), Bytes.of(new byte[256]))).isNull();
    assertThat(Frames.framed(PortMode.packet(2), Bytes.of(new byte[65_536]))).isNull();
    assertThat(Frames.framed(PortMode.packet(4, 10), Bytes.of(new byte[11]))).isNull();
    byte[] huge = {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1};
    assertThatThrownBy(() -> all(PortMode.packet(4), huge, 5))
        .isInstanceOf(Frames.TooLongException.class)
        .hasMessage(
            "the program sent a packet of 4294967295 bytes, but 1048576 are the most that"
                + " PortMode.packet allows here");
  }

  @Test
  @Rule("11.03")
  void streamPassesWhatCameInPieces() throws IOException {
    assertThat(all(PortMode.STREAM, Bytes.utf8("abcdef\n").toArray(), 4))
        .containsExactly("abcd", "ef\n");
  }

  @Test
  void modesSayWhatIsAllowed() {
    assertThatThrownBy(() -> PortMode.packet(3))
        .hasMessage("A packet header of 3 bytes is not allowed, it must be 1, 2 or 4");
    assertThatThrownBy(() -> PortMode.packet(4, 0))
        .hasMessage("A longest packet of 0 bytes is not allowed, it must be at least 1");
    assertThatThrownBy(() -> PortMode.lines(0))
        .hasMessage(
            "A longest line of 0 bytes is not allowed, it must be 1 to 16777216. Longer lines come"
                + " in pieces.");
    assertThat(PortMode.packet(1)).isEqualTo(new PortMode.Packet(1, 255));
  }
}
