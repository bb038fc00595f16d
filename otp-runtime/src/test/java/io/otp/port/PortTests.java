package io.otp.port;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.drain;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.port.PortException.Problem;
import io.otp.port.PortMessage.Data;
import io.otp.port.PortMessage.ExitStatus;
import io.otp.port.PortMessage.Line;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Receive;
import io.otp.process.Ref;
import io.otp.process.Self;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Chapter 11: what a port is and what it tells. */
@Timeout(120)
@EnabledOnOs({OS.LINUX, OS.MAC})
class PortTests {

  private static final PortSpec CAT = PortSpec.of("/bin/cat");

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  static PortSpec sh(String script) {
    return PortSpec.of("/bin/sh", "-c", script);
  }

  /** Every line of output until the port ends, which the process must trap. */
  private static List<String> lines(Self<Object> self, PortSpec spec) {
    self.trapExits(true);
    Port port = Port.open(self, spec.withMode(PortMode.lines(1000)));
    var lines = new ArrayList<String>();
    while (true) {
      switch (next(self)) {
        case Line(_, var bytes, _) -> lines.add(bytes.text());
        case Exit(var from, var reason) -> {
          assertThat(from).isEqualTo(port.pid());
          assertThat(reason).isEqualTo(ExitReason.NORMAL);
          return lines;
        }
        case Object other -> throw new AssertionError(other);
      }
    }
  }

  private static String contentOf(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** So many bytes of data, in whatever pieces. */
  private static String data(Self<Object> self, int bytes) {
    var text = new StringBuilder();
    while (text.length() < bytes) {
      text.append(next(self, Data.class).bytes().text());
    }
    return text.toString();
  }

  // --- open

  @Test
  @Rule("11.01")
  void openerOwnsThePortAndIsLinkedToIt() {
    otp.run(
        self -> {
          Port port = Port.open(self, CAT);
          assertThat(port.info().orElseThrow().owner()).isEqualTo(self.pid());
          assertThat(otp.runtime().info(port.pid()).orElseThrow().links())
              .containsExactly(self.pid());
          assertThat(otp.runtime().info(self.pid()).orElseThrow().links())
              .containsExactly(port.pid());
          port.command(Bytes.utf8("hello"));
          assertThat(data(self, 5)).isEqualTo("hello");
        });
  }

  @Test
  @Rule("11.01")
  void programThatDoesNotExistIsAnErrorAndNoPort() {
    otp.run(
        self -> {
          assertThatThrownBy(() -> Port.open(self, PortSpec.of("/no/such/program")))
              .isInstanceOf(PortException.class)
              .hasMessage(
                  "Port cannot start '/no/such/program': there is no such file (/no/such/program)."
                      + " Give the path of a program; arguments are given one by one, not in the"
                      + " same text.")
              .extracting(e -> ((PortException) e).problem())
              .isEqualTo(Problem.NO_SUCH_FILE);
          assertThatThrownBy(() -> Port.open(self, PortSpec.of("no-such-program-anywhere")))
              .hasMessageContaining("in the directories of PATH (");
          assertThat(otp.runtime().info(self.pid()).orElseThrow().links()).isEmpty();
          assertThat(drain(self)).isEmpty();
        });
  }

  @Test
  @Rule("11.01")
  void whatIsNoProgramIsAnError(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("notes.txt"), "notes");
    otp.run(
        self -> {
          assertThatThrownBy(() -> Port.open(self, PortSpec.of(file.toString())))
              .hasMessage(
                  "Port cannot start '"
                      + file
                      + "': "
                      + file
                      + " may not be executed. Give it the permission (chmod +x), or run what it is"
                      + " written for with it as an argument.")
              .extracting(e -> ((PortException) e).problem())
              .isEqualTo(Problem.NOT_PERMITTED);
          assertThatThrownBy(() -> Port.open(self, PortSpec.of(directory.toString())))
              .hasMessageContaining(" is a directory. Give the path of a program.");
        });
  }

  @Test
  @Rule("11.03")
  void workingDirectoryThatIsNoneIsAnError(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("notes.txt"), "notes");
    Path missing = directory.resolve("missing");
    otp.run(
        self -> {
          assertThatThrownBy(() -> Port.open(self, CAT.withDirectory(missing)))
              .hasMessage(
                  "Port cannot start '/bin/cat': its working directory "
                      + missing
                      + " does not exist. Create it, or give another.");
          assertThatThrownBy(() -> Port.open(self, CAT.withDirectory(file)))
              .hasMessageContaining(" is no directory. Give one.")
              .extracting(e -> ((PortException) e).problem())
              .isEqualTo(Problem.NOT_A_DIRECTORY);
        });
  }

  @Test
  void specSaysWhatIsAllowed() {
    assertThatThrownBy(() -> PortSpec.of(""))
        .hasMessage("An empty program is not allowed, give the path of a file or its name");
    assertThatThrownBy(() -> PortSpec.of("cat", "a", "b\0c"))
        .hasMessage(
            "The argument 2 of 'cat' holds the character NUL, with which the operating system ends"
                + " texts");
    assertThatThrownBy(() -> CAT.withEnvironment("A=B", "c"))
        .hasMessage(
            "A variable of the name 'A=B' is not allowed: a name is not empty and holds no '='");
    assertThatThrownBy(() -> CAT.withWindow(10))
        .hasMessage("A window of 10 bytes is not allowed, it must be 1024 to 536870912");
    assertThatThrownBy(() -> CAT.withBusyLimit(0))
        .hasMessage("A busy limit of 0 bytes is not allowed, it must be 1 to 536870912");
    assertThatThrownBy(() -> CAT.withKillAfter(LIMIT.negated()))
        .hasMessage(
            "A grace of PT-30S is not allowed, it must be 0 to 365 days. withoutKill() leaves the"
                + " program alone.");
    assertThatThrownBy(() -> CAT.withKillAfter(Duration.ofSeconds(Long.MAX_VALUE)))
        .hasMessageContaining("it must be 0 to 365 days");
    assertThat(PortSpec.of("login", "secret").toString()).doesNotContain("secret");
  }

  // --- arguments, environment, directory, stderr

  @Test
  @Rule("11.03")
  void argumentsReachTheProgramAsTheyAre() {
    otp.run(
        self ->
            assertThat(
                    lines(
                        self,
                        PortSpec.of(
                            "/bin/sh",
                            "-c",
                            "for a in \"$@\"; do echo \"<$a>\"; done",
                            "name",
                            "a b",
                            "$HOME",
                            "*",
                            "; exit 1",
                            "\"'\\",
                            "")))
                .containsExactly("<a b>", "<$HOME>", "<*>", "<; exit 1>", "<\"'\\>", "<>"));
  }

  @Test
  @Rule("11.03")
  void programWithoutASlashIsLookedForInThePath() {
    otp.run(
        self ->
            assertThat(lines(self, PortSpec.of("echo", "$(found)"))).containsExactly("$(found)"));
  }

  @Test
  @Rule("11.03")
  void environmentIsThatOfTheJvmWithChanges() {
    assertThat(System.getenv()).containsKeys("PATH", "HOME");
    otp.run(
        self -> {
          PortSpec print = sh("echo \"$A:${HOME-none}:${PATH:+path}\"");
          assertThat(lines(self, print.withEnvironment("A", "b\"$x").withoutEnvironment("HOME")))
              .containsExactly("b\"$x:none:path");
          assertThat(
                  lines(
                      self,
                      PortSpec.of("/usr/bin/env")
                          .withoutInheritedEnvironment()
                          .withEnvironment("ONLY", "this")))
              .containsExactly("ONLY=this");
        });
  }

  @Test
  @Rule("11.03")
  void directoryIsWhereTheProgramRuns(@TempDir Path directory) throws Exception {
    String real = directory.toRealPath().toString();
    otp.run(
        self ->
            assertThat(lines(self, PortSpec.of("/bin/pwd").withDirectory(Path.of(real))))
                .containsExactly(real));
  }

  @Test
  @Rule("11.03")
  void errorsComeAmongTheOutputOrAreDropped() {
    PortSpec both = sh("echo out; echo error >&2; echo more");
    otp.run(
        self -> {
          assertThat(lines(self, both.withStderr(Stderr.TO_PORT)))
              .containsExactly("out", "error", "more");
          assertThat(lines(self, both.withStderr(Stderr.DROP))).containsExactly("out", "more");
        });
  }

  @Test
  @Rule("11.10")
  @EnabledOnOs(OS.LINUX)
  void programInheritsNoFilesOfTheJvm() {
    otp.run(
        self -> {
          List<String> files = lines(self, PortSpec.of("/bin/ls", "/proc/self/fd"));
          assertThat(files).hasSizeBetween(3, 4).startsWith("0", "1", "2"); // and the directory
        });
  }

  // --- modes, both ways

  @Test
  @Rule("11.03")
  void packetsGoBothWays() {
    otp.run(
        self -> {
          for (int header : new int[] {1, 2, 4}) {
            Port port = Port.open(self, CAT.withMode(PortMode.packet(header)));
            for (String text : List.of("hello", "", "x".repeat(200))) {
              port.command(Bytes.utf8(text));
              assertThat(next(self)).isEqualTo(new Data(port, Bytes.utf8(text)));
            }
          }
        });
  }

  @Test
  @Rule("11.03")
  void packetThatIsTooLongIsRefusedAndThePortStays() {
    otp.run(
        self -> {
          Port port = Port.open(self, CAT.withMode(PortMode.packet(1)));
          assertThatThrownBy(() -> port.command(Bytes.of(new byte[256])))
              .hasMessage(
                  port
                      + " was not sent a packet of 256 bytes: that is longer than its"
                      + " PortMode.packet allows. Send less, or open it with a longer header or"
                      + " length.")
              .extracting(e -> ((PortException) e).problem())
              .isEqualTo(Problem.TOO_LONG);
          port.command(Bytes.utf8("x"));
          assertThat(next(self)).isEqualTo(new Data(port, Bytes.utf8("x")));
        });
  }

  @Test
  @Rule("11.03")
  void programThatSendsAPacketThatIsTooLongHasItsPortClosed() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port.open(
              self, sh("printf '\\0\\0\\1\\0'; sleep 1000").withMode(PortMode.packet(4, 255)));
          assertThat(next(self, Exit.class).reason().toString())
              .isEqualTo(
                  "emsgsize: the program sent a packet of 256 bytes, but 255 are the most that"
                      + " PortMode.packet allows here");
        });
  }

  @Test
  @Rule("11.03")
  void allBytesArriveInOrder() {
    otp.run(
        self -> {
          Port port = Port.open(self, CAT);
          var text = new StringBuilder();
          for (int i = 0; i < 2_000; i++) {
            String part = i + ",".repeat(i % 300);
            text.append(part);
            port.command(Bytes.utf8(part));
          }
          assertThat(data(self, text.length())).isEqualTo(text.toString());
        });
  }

  // --- its end

  @Test
  @Rule("11.04")
  void exitStatusComesOnceAndAfterAllData() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port =
              Port.open(
                  self,
                  sh("echo one; printf two; exit 3").withMode(PortMode.lines(80)).withExitStatus());
          assertThat(next(self)).isEqualTo(new Line(port, Bytes.utf8("one"), true));
          assertThat(next(self)).isEqualTo(new Line(port, Bytes.utf8("two"), false));
          assertThat(next(self)).isEqualTo(new ExitStatus(port, 3));
          assertThat(next(self)).isEqualTo(new Exit(port.pid(), ExitReason.NORMAL));
          assertThat(drain(self, TestRuntime.QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("11.04")
  void statusOfAProgramThatASignalEndsNamesTheSignal() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, sh("kill -9 $$").withExitStatus());
          assertThat(next(self)).isEqualTo(new ExitStatus(port, 128 + 9));
        });
  }

  @Test
  @Rule("11.04")
  void closeTellsNoStatus() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, CAT.withExitStatus());
          ProcessHandle program = ProcessHandle.of(port.osPid()).orElseThrow();
          port.close();
          assertThat(drain(self)).containsExactly(new Exit(port.pid(), ExitReason.NORMAL));
          program.onExit().join();
          assertThat(drain(self, TestRuntime.QUIET)).isEmpty();
        });
  }

  @Test
  @Rule("11.05")
  void endOfTheProgramEndsThePort() {
    otp.run(
        self -> {
          Port port = Port.open(self, sh("exit 3"));
          Ref ref = self.monitor(port.pid());
          assertThat(next(self)).isEqualTo(new Down(ref, port.pid(), ExitReason.NORMAL));
          assertThat(port.info()).isEmpty();
        });
  }

  @Test
  @Rule("11.05")
  void portWithEofStaysAndItsProgramStillReads(@TempDir Path directory) {
    Path copy = directory.resolve("copy");
    otp.run(
        self -> {
          self.trapExits(true);
          Port port =
              Port.open(
                  self,
                  sh("echo bye; exec >&-; cat > copy; echo end >> copy")
                      .withDirectory(directory)
                      .withMode(PortMode.lines(80))
                      .withEof());
          assertThat(next(self)).isEqualTo(new Line(port, Bytes.utf8("bye"), true));
          assertThat(next(self)).isEqualTo(new PortMessage.Eof(port));
          port.command(Bytes.utf8("still read "));
          port.close();
          assertThat(next(self)).isEqualTo(new Exit(port.pid(), ExitReason.NORMAL));
          await("what was taken is written", () -> contentOf(copy).equals("still read end\n"));
        });
  }

  @Test
  @Rule("11.05")
  void eofComesAfterTheStatus() {
    otp.run(
        self -> {
          Port port = Port.open(self, sh("exit 3").withEof().withExitStatus());
          assertThat(next(self)).isEqualTo(new ExitStatus(port, 3));
          assertThat(next(self)).isEqualTo(new PortMessage.Eof(port));
          assertThat(port.info()).isPresent();
        });
  }

  @Test
  @Rule("11.10")
  void programThatDoesNotReadAnyMoreHasItsPortClosedWithEpipe() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port =
              Port.open(self, sh("exec <&-; echo; sleep 1000").withMode(PortMode.lines(80)));
          next(self, Line.class);
          port.command(Bytes.utf8("x"));
          assertThat(next(self, Exit.class))
              .isEqualTo(
                  new Exit(port.pid(), new ExitReason.Other("epipe: the program does not read")));
          assertThatThrownBy(() -> port.command(Bytes.utf8("x")))
              .hasMessage(port + " has ended. Open another; a link or monitor tells when it ends.")
              .extracting(e -> ((PortException) e).problem())
              .isEqualTo(Problem.CLOSED);
          port.close(); // does nothing
        });
  }

  @Test
  @Rule("11.10")
  void programThatEndsUnreadTellsItsStatus() {
    otp.run(
        self -> {
          self.trapExits(true);
          for (int i = 0; i < 20; i++) {
            Port port = Port.open(self, sh("exit 7").withExitStatus());
            try {
              port.command(Bytes.of(new byte[100_000])); // into a pipe that may be gone
            } catch (PortException e) {
              assertThat(e.problem()).isEqualTo(Problem.CLOSED);
            }
            assertThat(next(self)).isEqualTo(new ExitStatus(port, 7));
            assertThat(next(self)).isEqualTo(new Exit(port.pid(), ExitReason.NORMAL));
          }
        });
  }

  // --- who is obeyed

  @Test
  @Rule("11.02")
  void ownerIsObeyedByMessage() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, CAT);
          self.send(port.pid(), new PortRequest.Command(self.pid(), Bytes.utf8("hello")));
          assertThat(data(self, 5)).isEqualTo("hello");
          self.send(port.pid(), new PortRequest.Close(self.pid()));
          assertThat(next(self)).isEqualTo(new PortMessage.Closed(port));
          assertThat(next(self)).isEqualTo(new Exit(port.pid(), ExitReason.NORMAL));
        });
  }

  @Test
  @Rule("11.02")
  void anythingElseThatIsSentIsABadSignalForTheOwner() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, CAT);
          var liar = new CompletableFuture<List<Object>>();
          self.spawn(
              other -> {
                other.trapExits(true);
                other.send(
                    port.pid(), new PortRequest.Command(other.pid(), Bytes.utf8("not read")));
                other.send(port.pid(), new PortRequest.Close(other.pid()));
                other.send(port.pid(), "garbage");
                liar.complete(drain(other, TestRuntime.QUIET));
              });
          for (int i = 0; i < 3; i++) {
            assertThat(next(self)).isEqualTo(new Exit(port.pid(), new ExitReason.Other("badsig")));
          }
          assertThat(TestRuntime.get(liar, "the liar hears nothing")).isEmpty();
          port.command(Bytes.utf8("x"));
          assertThat(data(self, 1)).isEqualTo("x");
        });
  }

  @Test
  @Rule("11.02")
  void functionsMayBeCalledByAnyProcessAndThread() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, CAT);
          self.spawn(other -> port.command(Bytes.utf8("x")));
          assertThat(data(self, 1)).isEqualTo("x");
          Thread.ofVirtual().start(port::close);
          assertThat(next(self)).isEqualTo(new Exit(port.pid(), ExitReason.NORMAL));
        });
  }

  @Test
  @Rule("11.07")
  void connectGivesItToAnotherAndTheOldOwnerStaysLinked() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, CAT);
          var received = new CompletableFuture<Object>();
          Pid next =
              self.spawn(
                  other -> {
                    received.complete(next(other));
                    other.receive(message -> Receive.take(message));
                    other.exit(other.pid(), new ExitReason.Other("bye"));
                  });
          port.connect(next);
          port.command(Bytes.utf8("for you"));
          assertThat(TestRuntime.get(received, "data reaches the new owner"))
              .isEqualTo(new Data(port, Bytes.utf8("for you")));
          assertThat(port.info().orElseThrow().owner()).isEqualTo(next);
          assertThat(otp.runtime().info(port.pid()).orElseThrow().links())
              .containsExactlyInAnyOrder(self.pid(), next);
          self.send(next, "end");
          assertThat(next(self)).isEqualTo(new Exit(port.pid(), new ExitReason.Other("bye")));
        });
  }

  @Test
  @Rule("11.07")
  void connectByMessageAnswersTheOldOwner() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, CAT);
          var received = new CompletableFuture<Object>();
          Pid next =
              self.spawn(
                  other -> {
                    other.trapExits(true);
                    other.send(self.pid(), "ready");
                    received.complete(next(other));
                    other.receive();
                  });
          assertThat(next(self)).isEqualTo("ready");
          self.send(port.pid(), new PortRequest.Connect(self.pid(), next));
          assertThat(next(self)).isEqualTo(new PortMessage.Connected(port));
          self.send(port.pid(), new PortRequest.Command(self.pid(), Bytes.utf8("x")));
          assertThat(TestRuntime.get(received, "the new owner hears of the old one's command"))
              .isEqualTo(new Exit(port.pid(), new ExitReason.Other("badsig")));
          assertThat(port.info().orElseThrow().output()).isZero();
          self.unlink(port.pid());
          assertThat(otp.runtime().info(port.pid()).orElseThrow().links())
              .doesNotContain(self.pid());
        });
  }

  @Test
  @Rule("11.07")
  void oldOwnerThatEndsNormallyLeavesThePort() {
    otp.run(
        self -> {
          var opened = new CompletableFuture<Port>();
          Pid old =
              self.spawn(
                  other -> {
                    Port port = Port.open(other, CAT);
                    port.connect(self.pid());
                    opened.complete(port);
                  });
          Port port = TestRuntime.get(opened, "the port is open");
          await("the old owner ends", () -> !otp.runtime().isAlive(old));
          port.command(Bytes.utf8("x"));
          assertThat(data(self, 1)).isEqualTo("x");
        });
  }

  @Test
  @Rule("11.07")
  void connectToWhoHasEndedIsRefused() {
    otp.run(
        self -> {
          Port port = Port.open(self, CAT);
          Pid gone = otp.runtime().nobody();
          assertThatThrownBy(() -> port.connect(gone))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(
                  port + " cannot be given to " + gone + ", which has ended. Its owner keeps it.");
          assertThat(port.info().orElseThrow().owner()).isEqualTo(self.pid());
        });
  }

  // --- links, names

  @Test
  @Rule("11.01")
  void exitSignalEndsItAsItDoesAPortOfErlang() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, CAT);
          self.spawn(other -> other.exit(port.pid(), ExitReason.NORMAL)); // not its owner
          self.spawn(other -> other.exit(port.pid(), new ExitReason.Other("bye")));
          assertThat(next(self)).isEqualTo(new Exit(port.pid(), new ExitReason.Other("bye")));
          Port second = Port.open(self, CAT);
          self.exit(second.pid(), ExitReason.NORMAL);
          assertThat(next(self)).isEqualTo(new Exit(second.pid(), ExitReason.NORMAL));
          Port third = Port.open(self, CAT);
          self.exit(third.pid(), ExitReason.KILL);
          assertThat(next(self)).isEqualTo(new Exit(third.pid(), ExitReason.KILLED));
          await("its program ends", () -> ProcessHandle.of(third.osPid()).isEmpty());
        });
  }

  @Test
  @Rule("11.09")
  void portIsAProcessWithANameAndInformation() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port = Port.open(self, CAT.withMode(PortMode.packet(2)));
          otp.runtime().register("copier", port.pid());
          otp.runtime().send("copier", new PortRequest.Command(self.pid(), Bytes.utf8("abc")));
          assertThat(next(self, Data.class).bytes()).isEqualTo(Bytes.utf8("abc"));
          PortInfo info = port.info().orElseThrow();
          assertThat(info)
              .isEqualTo(
                  new PortInfo(
                      Path.of("/bin/cat").toString(), port.osPid(), self.pid(), 5, 5, 0, 0));
          assertThat(ProcessHandle.of(port.osPid())).isPresent();
          var summary = otp.runtime().summary(port.pid()).orElseThrow();
          assertThat(summary.behaviour()).isEqualTo("port");
          assertThat(summary.label()).isEqualTo("/bin/cat");
          Ref ref = self.monitor("copier");
          port.close();
          assertThat(otp.runtime().whereis("copier")).isEmpty();
          assertThat(next(self, Down.class)).isEqualTo(new Down(ref, "copier", ExitReason.NORMAL));
        });
  }
}
