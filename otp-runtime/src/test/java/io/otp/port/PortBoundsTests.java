package io.otp.port;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.port.PortException.Problem;
import io.otp.port.PortMessage.Data;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Receive;
import io.otp.process.Self;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is kept without bound, whoever is slow. */
@Timeout(120)
@EnabledOnOs({OS.LINUX, OS.MAC})
class PortBoundsTests {

  /** What is read ahead: the buffer of the pipe's stream and the chunk in the reader's hand. */
  private static final int AHEAD = 8_192 + 65_536;

  private static final Bytes MUCH = Bytes.of(new byte[200_000]);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  /** How much has been read when for a while no more is. */
  private static long atRest(Self<Object> self, Port port) {
    long[] last = {-1};
    await(
        "the program has to wait",
        () -> {
          self.receive(TestRuntime.QUIET, message -> Receive.skip());
          long before = last[0];
          last[0] = port.info().orElseThrow().input();
          return last[0] > 0 && last[0] == before;
        });
    return last[0];
  }

  @Test
  @Rule("11.08")
  void programWhoseOwnerDoesNotReceiveHasToWait() {
    int window = 100_000;
    otp.run(
        self -> {
          Port port =
              Port.open(
                  self, PortTests.sh("exec yes").withMode(PortMode.lines(80)).withWindow(window));
          // Each line is 2 bytes and costs 129: less than two of a hundred bytes of the window.
          assertThat(atRest(self, port)).isBetween(1L, window * 2L / 100);
          for (int i = 0; i < 20_000; i++) {
            assertThat(next(self)).isEqualTo(new PortMessage.Line(port, Bytes.utf8("y"), true));
          }
          port.close();
        });
  }

  @Test
  @Rule("11.08")
  void windowCountsBytes() {
    int window = 1 << 20;
    otp.run(
        self -> {
          Port port = Port.open(self, PortTests.sh("exec yes").withWindow(window));
          assertThat(atRest(self, port)).isBetween(window / 2L, window + AHEAD + 0L);
          long received = 0;
          while (received < 4 * window) {
            received += next(self, Data.class).bytes().size();
          }
          port.close();
        });
  }

  @Test
  @Rule("11.08")
  void messageLargerThanTheWindowComesAlone() {
    otp.run(
        self -> {
          Port port =
              Port.open(
                  self, PortSpec.of("/bin/cat").withMode(PortMode.packet(4)).withWindow(1024));
          self.spawn(
              other -> {
                for (int i = 0; i < 5; i++) {
                  port.command(MUCH, LIMIT);
                }
              });
          for (int i = 0; i < 5; i++) {
            assertThat(next(self)).isEqualTo(new Data(port, MUCH));
          }
        });
  }

  @Test
  @Rule("11.07")
  void newOwnerIsNotHeldUpByWhatTheOldOneHasNotRead() {
    otp.run(
        self -> {
          Port port =
              Port.open(
                  self, PortTests.sh("exec yes").withMode(PortMode.lines(80)).withWindow(1024));
          atRest(self, port);
          var received = new CompletableFuture<Integer>();
          Pid next =
              self.spawn(
                  other -> {
                    for (int i = 0; i < 1_000; i++) {
                      next(other);
                    }
                    received.complete(1_000);
                  });
          port.connect(next);
          self.unlink(port.pid());
          assertThat(TestRuntime.get(received, "the new owner receives")).isEqualTo(1_000);
        });
  }

  @Test
  @Rule("11.08")
  void commandToABusyPortWaitsAndIsWrittenWhenThereIsRoom() {
    otp.run(
        self -> {
          Port port =
              Port.open(
                  self,
                  PortTests.sh("read go; exec cat").withBusyLimit(10).withKillAfter(Duration.ZERO));
          port.command(MUCH); // what it reads ends the line: it has none, so read takes it all
          var done = new CompletableFuture<String>();
          self.spawn(
              other -> {
                port.command(Bytes.utf8("\nthe end"), LIMIT);
                done.complete("written");
              });
          await("it waits", () -> port.info().orElseThrow().waiting() == 1 || done.isDone());
          assertThat(TestRuntime.get(done, "room comes")).isEqualTo("written");
          assertThat(next(self, Data.class).bytes().text()).isEqualTo("the end");
        });
  }

  @Test
  @Rule("11.08")
  void commandThatIsNotTakenInTimeIsNeverWritten() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, PortTests.sh("sleep 1000").withKillAfter(Duration.ZERO));
          port.command(MUCH); // more than a pipe holds
          Duration shortly = Duration.ofMillis(50);
          for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> port.command(MUCH, shortly))
                .hasMessage(
                    port
                        + " has been busy for 50 ms: its program does not read. None of the 200000"
                        + " bytes is written. Wait longer, or see what the program does.")
                .extracting(e -> ((PortException) e).problem())
                .isEqualTo(Problem.BUSY);
            assertThat(port.tryCommand(MUCH)).isFalse();
          }
          self.send(port.pid(), new PortRequest.Command(self.pid(), MUCH));
          assertThat(next(self)).isEqualTo(new PortMessage.Refused(port, MUCH));
          PortInfo info = port.info().orElseThrow();
          assertThat(info.queued() + info.output()).isEqualTo(MUCH.size());
          assertThat(info.waiting()).isLessThanOrEqualTo(1); // not all ten of them
          port.close();
          assertThat(next(self)).isEqualTo(new Exit(port.pid(), ExitReason.NORMAL));
        });
  }

  @Test
  @Rule("11.08")
  void whatCallersGaveUpIsNotWrittenWhenThereIsRoomAgain(@TempDir Path directory) {
    Path copy = directory.resolve("copy");
    otp.run(
        self -> {
          Port port =
              Port.open(
                  self,
                  PortTests.sh("while [ ! -e go ]; do sleep 0.02; done; exec cat > copy")
                      .withDirectory(directory)
                      .withEof()); // it ends its output, and reads on
          port.command(MUCH);
          for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> port.command(MUCH, Duration.ofMillis(20)))
                .isInstanceOf(PortException.class);
          }
          try {
            Files.createFile(directory.resolve("go"));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          port.command(Bytes.utf8("end"), LIMIT);
          port.close();
          await("the program ends", () -> ProcessHandle.of(port.osPid()).isEmpty());
        });
    assertThat(copy).hasSize(MUCH.size() + 3);
  }

  @Test
  @Rule("11.08")
  void callersThatWaitAreToldWhenThePortEnds() {
    otp.run(
        self -> {
          Port port = Port.open(self, PortTests.sh("sleep 1000").withKillAfter(Duration.ZERO));
          port.command(MUCH);
          var failed = new CompletableFuture<Throwable>();
          self.spawn(
              other -> {
                try {
                  port.command(MUCH, LIMIT);
                } catch (PortException e) {
                  failed.complete(e);
                }
              });
          await("it waits", () -> port.info().orElseThrow().waiting() == 1);
          port.close();
          assertThat(TestRuntime.get(failed, "it is told"))
              .hasMessage(
                  port
                      + " has ended, reason: normal. Open another; a link or monitor tells when it"
                      + " ends.");
        });
  }
}
