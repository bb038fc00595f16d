package io.otp.port;

import static io.otp.TestRuntime.LIMIT;
import static io.otp.TestRuntime.await;
import static io.otp.TestRuntime.next;
import static org.assertj.core.api.Assertions.assertThat;

import io.otp.Rule;
import io.otp.TestRuntime;
import io.otp.port.PortMessage.Line;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Self;
import java.io.BufferedReader;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** The end of a port is the end of its program, and of what that started. */
@Timeout(120)
@EnabledOnOs({OS.LINUX, OS.MAC})
class PortEndTests {

  private static final Duration SHORT = Duration.ofMillis(100);

  @RegisterExtension final TestRuntime otp = new TestRuntime();

  /** A process that has opened a port and waits until it is ended. */
  private record Opened(Pid owner, Port port, List<Long> programs) {}

  /** The program first prints {@code children} process ids, a line each. */
  private Opened open(PortSpec spec, int children) {
    var opened = new CompletableFuture<Opened>();
    otp.runtime()
        .spawn(
            self -> {
              Port port = Port.open(self, spec.withMode(PortMode.lines(100)));
              var pids = new ArrayList<>(List.of(port.osPid()));
              for (int i = 0; i < children; i++) {
                pids.add(Long.valueOf(next(self, Line.class).bytes().text()));
              }
              opened.complete(new Opened(self.pid(), port, pids));
              self.receive(m -> m.equals("end") ? Receive.take(m) : Receive.skip());
            });
    return TestRuntime.get(opened, "the port is open");
  }

  /** One that has ended and is not waited for by its parent is a zombie; of ours there is none. */
  private static boolean isGone(long osPid) {
    return ProcessHandle.of(osPid).isEmpty() || !isOurs(osPid) && isZombie(osPid);
  }

  private static boolean isOurs(long osPid) {
    return ProcessHandle.of(osPid)
        .flatMap(ProcessHandle::parent)
        .filter(ProcessHandle.current()::equals)
        .isPresent();
  }

  private static boolean isZombie(long osPid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(osPid), "stat"));
      return stat.startsWith(") Z", stat.lastIndexOf(')'));
    } catch (Exception e) {
      return false;
    }
  }

  private static void awaitGone(List<Long> programs) {
    await("ended: " + programs, () -> programs.stream().allMatch(PortEndTests::isGone));
  }

  @Test
  @Rule("11.06")
  void deathOfTheOwnerEndsTheInputOfTheProgram(@TempDir Path directory) {
    for (ExitReason reason : List.of(ExitReason.NORMAL, ExitReason.KILL, ExitReason.SHUTDOWN)) {
      Path file = directory.resolve(reason.toString());
      Opened opened =
          open(
              PortSpec.of("/bin/sh", "-c", "cat; echo done > \"$1\"", "sh", file.toString())
                  .withKillAfter(LIMIT), // it ends by itself, or this takes too long
              0);
      if (reason == ExitReason.NORMAL) {
        otp.runtime().send(opened.owner(), "end");
      } else {
        otp.runtime().exit(opened.owner(), reason);
      }
      awaitGone(opened.programs());
      assertThat(file).hasContent("done");
      await("the port ends", () -> !otp.runtime().isAlive(opened.port().pid()));
    }
  }

  @Test
  @Rule("11.06")
  void programThatGoesOnIsEndedWithAllThatItStarted() {
    Opened opened =
        open(
            PortTests.sh("sh -c 'echo $$; sleep 1000 & echo $!; wait' & echo $!; sleep 1000")
                .withKillAfter(SHORT),
            3);
    otp.runtime().exit(opened.owner(), ExitReason.KILL);
    awaitGone(opened.programs());
  }

  @Test
  @Rule("11.06")
  void programThatIgnoresSigtermIsKilledWithAllThatItStarted() {
    Opened opened =
        open(
            PortTests.sh("trap '' TERM HUP; sh -c 'while :; do sleep 1000; done' & echo $!; wait")
                .withKillAfter(SHORT),
            1);
    otp.runtime().exit(opened.owner(), ExitReason.KILL);
    awaitGone(opened.programs());
  }

  @Test
  @Rule("11.06")
  void childOfAProgramThatEndsInTimeIsEndedToo() {
    Opened opened =
        open(PortTests.sh("sleep 1000 >/dev/null & echo $!; cat").withKillAfter(SHORT), 1);
    opened.port().close();
    awaitGone(opened.programs());
  }

  @Test
  @Rule("11.06")
  void programWithoutKillGoesOnAsInErlang() throws Exception {
    Opened opened = open(PortTests.sh("exec sleep 1000").withoutKill(), 0);
    ProcessHandle program = ProcessHandle.of(opened.port().osPid()).orElseThrow();
    opened.port().close();
    otp.run(self -> self.sleep(SHORT)); // a short limit: nothing ends it
    assertThat(program.isAlive()).isTrue();
    program.destroyForcibly();
    program.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  @Rule("11.06")
  void programWithAFullPipeIsEndedToo() {
    Opened opened = open(PortTests.sh("sleep 1000").withKillAfter(SHORT), 0);
    opened.port().command(Bytes.of(new byte[300_000]));
    opened.port().close();
    awaitGone(opened.programs());
  }

  @Test
  @Rule("11.06")
  void ownerThatUnlinkedStillTakesItsPortWithIt() {
    var opened = new CompletableFuture<Port>();
    otp.runtime()
        .spawn(
            self -> {
              Port port = Port.open(self, PortSpec.of("/bin/cat"));
              self.unlink(port.pid());
              opened.complete(port);
            });
    Port port = TestRuntime.get(opened, "the port is open");
    awaitGone(List.of(port.osPid()));
    await("the port ends", () -> !otp.runtime().isAlive(port.pid()));
  }

  @Test
  @Rule("11.10")
  void closingTheRuntimeEndsThePrograms() {
    var opened = new CompletableFuture<Port>();
    try (ProcessRuntime runtime = ProcessRuntime.builder().name("closing").build()) {
      runtime.spawn(
          self -> {
            opened.complete(Port.open(self, PortSpec.of("sleep", "1000").withKillAfter(SHORT)));
            self.receive();
          });
      TestRuntime.get(opened, "the port is open");
    }
    awaitGone(List.of(opened.join().osPid()));
  }

  @Test
  @Rule("11.10")
  void killedPortLeavesNoThreadAndNothingComesAfterItsEnd() {
    otp.run(
        self -> {
          self.trapExits(true);
          Port port =
              Port.open(
                  self,
                  PortTests.sh("exec yes")
                      .withMode(PortMode.lines(80))
                      .withWindow(1024)
                      .withKillAfter(SHORT));
          String reader = "otp-port-out-" + port.pid();
          assertThat(threads()).contains(reader);
          next(self, Line.class); // its output comes, and from here on has to wait
          otp.runtime().exit(port.pid(), ExitReason.KILL);
          self.receive(m -> m instanceof io.otp.process.Exit ? Receive.take(m) : Receive.skip());
          for (boolean some = true; some; ) { // makes room for what must not come any more
            some = self.receive(Duration.ZERO, Receive::take).isPresent();
          }
          assertThat(self.receive(TestRuntime.QUIET, Receive::take)).isEmpty();
          awaitGone(List.of(port.osPid()));
          await("the thread ends", () -> !threads().contains(reader));
        });
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
  }

  /** Kills strike owners and ports at any moment, also while a program is being started. */
  @Test
  @Rule("11.10")
  void killsAtAnyMomentLeaveNoProgramAndHurtNoOtherPort() {
    var random = TestRuntime.random("killsAtAnyMomentLeaveNoProgramAndHurtNoOtherPort");
    Opened bystander = open(PortTests.sh("sleep 1000; cat").withKillAfter(SHORT), 0);
    Queue<Port> ports = new ConcurrentLinkedQueue<>();
    var running = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      running.incrementAndGet();
      Pid owner = otp.runtime().spawn(self -> useUntilKilled(self, ports));
      otp.runtime().atExit(owner, _ -> running.decrementAndGet());
      int delay = random.nextInt(20);
      otp.runtime()
          .spawn(
              self -> {
                self.sleep(Duration.ofMillis(delay));
                self.exit(owner, ExitReason.KILL);
              });
    }
    await("all are killed", () -> running.get() == 0);
    assertThat(otp.runtime().isAlive(bystander.port().pid())).isTrue();
    await(
        "no program but the bystander's is left",
        () ->
            ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().filter(c -> c.endsWith("/cat")).isPresent())
                .findAny()
                .isEmpty());
    await("no port is left", () -> ports.stream().noneMatch(p -> otp.runtime().isAlive(p.pid())));
    assertThat(ProcessHandle.of(bystander.port().osPid())).isPresent();
    bystander.port().close();
    awaitGone(bystander.programs());
  }

  private static void useUntilKilled(Self<Object> self, Queue<Port> ports) {
    Port port = Port.open(self, PortSpec.of("/bin/cat").withKillAfter(SHORT));
    ports.add(port);
    while (true) {
      port.command(Bytes.of(new byte[1_000]));
      next(self);
    }
  }

  /** Opens ports, and ends. */
  static final class Leaves {
    private Leaves() {}

    /** Prints the program's id, and its first line. */
    public static void main(String[] arguments) throws Exception {
      var runtime = ProcessRuntime.builder().name("leaves").build();
      var opened = new CompletableFuture<String>();
      runtime.spawn(
          self -> {
            PortSpec spec = PortTests.sh(arguments[0]).withKillAfter(SHORT);
            Port port = Port.open(self, spec.withMode(PortMode.lines(100)));
            opened.complete(port.osPid() + " " + next(self, Line.class).bytes().text());
            self.receive();
          });
      System.out.println(opened.get());
      System.exit(0);
    }
  }

  /** For {@link #endOfTheJvmWaitsForEndsThatHaveBegun}. */
  static final class Closes {
    private Closes() {}

    public static void main(String[] arguments) throws Exception {
      var runtime = ProcessRuntime.builder().name("closes").build();
      var opened = new CompletableFuture<Port>();
      var child = new CompletableFuture<String>();
      runtime.spawn(
          self -> {
            PortSpec spec = PortTests.sh("sleep 1000 >/dev/null & echo $!; cat");
            Port port =
                Port.open(
                    self, spec.withMode(PortMode.lines(100)).withKillAfter(Duration.ofSeconds(1)));
            child.complete(next(self, Line.class).bytes().text());
            opened.complete(port);
            self.receive();
          });
      Port port = opened.get();
      port.close();
      ProcessHandle.of(port.osPid()).ifPresent(program -> program.onExit().join());
      System.out.println(port.osPid() + " " + child.get());
      System.exit(0);
    }
  }

  private static String classPath(Class<?>... types) {
    return Stream.of(types)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
        .map(location -> Path.of(URI.create(location.toString())).toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static void endsBeforeItsJvm(Class<?> main, String... arguments) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(main, Port.class, ProcessRuntime.class, Logger.class, Test.class),
                main.getName()));
    command.addAll(List.of(arguments));
    Process jvm =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader out = jvm.inputReader()) {
      String line = out.readLine();
      assertThat(line).as("the ids of the program and its child").matches("\\d+ \\d+");
      assertThat(jvm.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(jvm.exitValue()).isZero();
      assertThat(Stream.of(line.split(" ")).map(Long::valueOf)).allMatch(PortEndTests::isGone);
    } finally {
      jvm.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000",
        "sleep 1000 >/dev/null & echo $!; cat" // the program ends at once, its child does not
      })
  @Rule("11.10")
  void endOfTheJvmEndsThePrograms(String script) throws Exception {
    endsBeforeItsJvm(Leaves.class, script);
  }

  /** The program has ended with its input; what it had started has its grace, and then goes. */
  @Test
  @Rule("11.10")
  void endOfTheJvmWaitsForEndsThatHaveBegun() throws Exception {
    endsBeforeItsJvm(Closes.class);
  }
}
