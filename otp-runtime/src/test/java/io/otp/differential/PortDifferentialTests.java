package io.otp.differential;

import static io.otp.differential.Trace.ended;
import static io.otp.differential.Trace.flush;
import static io.otp.differential.Trace.next;
import static io.otp.differential.Trace.tuple;

import io.otp.Rule;
import io.otp.port.Bytes;
import io.otp.port.Port;
import io.otp.port.PortException;
import io.otp.port.PortInfo;
import io.otp.port.PortMessage;
import io.otp.port.PortMode;
import io.otp.port.PortRequest;
import io.otp.port.PortSpec;
import io.otp.port.Stderr;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessInfo;
import io.otp.process.Ref;
import io.otp.process.Self;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Ports as Erlang's: {@code diff_port.erl}. */
class PortDifferentialTests extends DifferentialTests {

  private static final PortSpec CAT = PortSpec.of("/bin/cat");
  private static final PortMode LINES = PortMode.lines(99);

  @TestFactory
  @Rule({"11.01", "11.02", "11.03", "11.04", "11.05", "11.06", "11.07", "11.08", "11.09"})
  Stream<DynamicTest> portsDoWhatErlangsDo() {
    return compare();
  }

  @Override
  String suite() {
    return "port";
  }

  private static PortSpec sh(String script) {
    return PortSpec.of("/bin/sh", "-c", script);
  }

  private static Port open(Self<Object> self, PortSpec spec) {
    self.trapExits(true);
    return Port.open(self, spec);
  }

  /** A message as Erlang writes it. */
  private static Object erlang(Object message) {
    return switch (message) {
      case PortMessage.Line(var port, var bytes, var eol) ->
          tuple(port.pid(), eol ? "eol" : "noeol", bytes.text());
      case PortMessage.Data(var port, var bytes) -> tuple(port.pid(), "data", bytes.text());
      case PortMessage.ExitStatus(var port, var status) -> tuple(port.pid(), "exit_status", status);
      case PortMessage.Eof(var port) -> tuple(port.pid(), "eof");
      case PortMessage.Closed(var port) -> tuple(port.pid(), "closed");
      case PortMessage.Connected(var port) -> tuple(port.pid(), "connected");
      default -> message;
    };
  }

  private static void see(Self<Object> self, Trace trace) {
    trace.ev(erlang(next(self)));
  }

  private static void see(Self<Object> self, Trace trace, int times) {
    for (int i = 0; i < times; i++) {
      see(self, trace);
    }
  }

  private static void quiet(Self<Object> self, Trace trace) {
    trace.ev(flush(self).stream().map(PortDifferentialTests::erlang).toList());
  }

  private static String errorOf(Runnable open) {
    try {
      open.run();
      return "ok";
    } catch (PortException e) {
      return switch (e.problem()) {
        case NO_SUCH_FILE -> "enoent";
        case NOT_PERMITTED -> "eacces";
        default -> e.problem().name().toLowerCase(Locale.ROOT);
      };
    }
  }

  private static List<Pid> links(Self<Object> self, Port port) {
    return self.runtime().info(port.pid()).map(ProcessInfo::links).orElseThrow().stream()
        .sorted()
        .toList();
  }

  private static void command(Self<Object> self, Port port, String text) {
    self.send(port.pid(), new PortRequest.Command(self.pid(), Bytes.utf8(text)));
  }

  @Override
  void scenarios() {
    scenario(
        "port_errors",
        (self, trace) -> {
          trace.ev(errorOf(() -> open(self, PortSpec.of("/no/such/program"))));
          trace.ev(errorOf(() -> open(self, PortSpec.of("/etc/passwd"))));
          quiet(self, trace);
        });
    scenario(
        "port_owner",
        (self, trace) -> {
          Port p = open(self, CAT);
          trace.ev(p.pid());
          trace.ev(p.info().map(PortInfo::owner).orElseThrow() == self.pid());
          trace.ev(links(self, p).equals(List.of(self.pid())));
        });
    scenario(
        "port_echo",
        (self, trace) -> {
          Port p = open(self, CAT);
          p.command(Bytes.utf8("hello"));
          see(self, trace);
          command(self, p, "again");
          see(self, trace);
        });
    scenario(
        "port_lines",
        (self, trace) -> {
          open(
              self,
              sh("printf 'ab\\n\\nabcdefgh\\nabcd\\nabcde\\nxy'").withMode(PortMode.lines(4)));
          see(self, trace, 9);
          quiet(self, trace);
        });
    scenario(
        "port_packets",
        (self, trace) -> {
          for (int n : new int[] {1, 2, 4}) {
            Port p = open(self, CAT.withMode(PortMode.packet(n)));
            p.command(Bytes.utf8("hello"));
            p.command(Bytes.EMPTY);
            see(self, trace, 2);
          }
          quiet(self, trace);
        });
    scenario(
        "port_packet_too_long",
        (self, trace) -> {
          Port p = open(self, CAT.withMode(PortMode.packet(1)));
          command(self, p, "x".repeat(256));
          see(self, trace);
        });
    scenario(
        "port_partial_packet",
        (self, trace) -> {
          open(self, sh("printf '\\000\\005abc'").withMode(PortMode.packet(2)));
          see(self, trace);
          quiet(self, trace);
        });
    scenario(
        "port_arguments",
        (self, trace) -> {
          open(
              self,
              PortSpec.of(
                      "/bin/sh",
                      "-c",
                      "for a in \"$@\"; do echo \"<$a>\"; done",
                      "sh",
                      "a b",
                      "$HOME",
                      "*",
                      "; exit")
                  .withMode(LINES));
          see(self, trace, 5);
        });
    scenario(
        "port_environment",
        (self, trace) -> {
          open(
              self,
              sh("echo $A-$HOME-")
                  .withMode(LINES)
                  .withEnvironment("A", "b c")
                  .withoutEnvironment("HOME"));
          see(self, trace, 2);
        });
    scenario(
        "port_directory",
        (self, trace) -> {
          open(self, PortSpec.of("/bin/pwd").withMode(LINES).withDirectory(Path.of("/usr")));
          see(self, trace, 2);
        });
    scenario(
        "port_stderr",
        (self, trace) -> {
          open(self, sh("echo out; echo error >&2").withMode(LINES).withStderr(Stderr.TO_PORT));
          see(self, trace, 3);
        });
    scenario(
        "port_status",
        (self, trace) -> {
          open(self, sh("echo a; exit 3").withMode(LINES).withExitStatus());
          see(self, trace, 3);
          quiet(self, trace);
        });
    scenario(
        "port_no_status",
        (self, trace) -> {
          open(self, sh("echo a; exit 3").withMode(LINES));
          see(self, trace, 2);
          quiet(self, trace);
        });
    scenario(
        "port_signalled",
        (self, trace) -> {
          open(self, sh("kill -9 $$").withExitStatus());
          see(self, trace);
        });
    scenario(
        "port_eof",
        (self, trace) -> {
          Port p = open(self, sh("printf a; exit 3").withMode(LINES).withEof());
          see(self, trace, 2);
          quiet(self, trace);
          trace.ev(p.info().map(PortInfo::owner).orElseThrow() == self.pid());
        });
    scenario(
        "port_eof_and_status",
        (self, trace) -> {
          open(self, sh("exit 3").withExitStatus().withEof());
          see(self, trace, 2);
          quiet(self, trace);
        });
    scenario(
        "port_close",
        (self, trace) -> {
          Port p = open(self, CAT.withExitStatus());
          p.close();
          trace.ev(true);
          see(self, trace);
          quiet(self, trace);
          trace.ev(p.info().isPresent() ? "info" : "undefined");
        });
    scenario(
        "port_close_message",
        (self, trace) -> {
          Port p = open(self, CAT.withExitStatus());
          trace.ev(p.pid());
          self.send(p.pid(), new PortRequest.Close(self.pid()));
          var both = List.of(next(self), next(self));
          // Erlang sorts tuples by size.
          trace.ev(
              Stream.concat(
                      both.stream().filter(m -> !(m instanceof Exit)),
                      both.stream().filter(Exit.class::isInstance))
                  .map(PortDifferentialTests::erlang)
                  .toList());
        });
    scenario(
        "port_bad_signals",
        (self, trace) -> {
          Port p = open(self, CAT);
          self.send(p.pid(), "garbage");
          see(self, trace);
          self.spawn(other -> command(other, p, "x"));
          see(self, trace);
          self.spawn(
              other -> other.send(p.pid(), new PortRequest.Command(self.pid(), Bytes.utf8("y"))));
          see(self, trace);
          self.spawn(other -> p.command(Bytes.utf8("z")));
          see(self, trace);
        });
    scenario(
        "port_connect",
        (self, trace) -> {
          Port p = open(self, CAT);
          Pid next =
              self.spawn(
                  other -> {
                    other.trapExits(true);
                    other.send(self.pid(), tuple("got", erlang(next(other))));
                    other.receive();
                  });
          p.connect(next);
          trace.ev(true);
          p.command(Bytes.utf8("x"));
          see(self, trace);
          trace.ev(p.info().map(PortInfo::owner).orElseThrow() == next);
          trace.ev(links(self, p).equals(Stream.of(self.pid(), next).sorted().toList()));
          self.send(next, "stop");
          see(self, trace);
        });
    scenario(
        "port_connect_message",
        (self, trace) -> {
          Port p = open(self, CAT);
          Pid next =
              self.spawn(
                  other -> {
                    other.send(self.pid(), tuple("got", erlang(next(other))));
                    other.receive();
                  });
          self.send(p.pid(), new PortRequest.Connect(self.pid(), next));
          see(self, trace);
          p.command(Bytes.utf8("x"));
          see(self, trace);
          trace.ev(p.info().map(PortInfo::owner).orElseThrow() == next);
        });
    scenario(
        "port_links",
        (self, trace) -> {
          Port p = open(self, CAT);
          ended(self, self.spawn(other -> other.link(p.pid())));
          quiet(self, trace);
          self.spawn(
              other -> {
                other.link(p.pid());
                other.exit(other.pid(), new ExitReason.Other("bye"));
              });
          see(self, trace);
        });
    scenario(
        "port_exit",
        (self, trace) -> {
          Port p = open(self, CAT);
          self.spawn(other -> other.exit(p.pid(), new ExitReason.Other("bye")));
          see(self, trace);
          Port q = open(self, CAT);
          self.exit(q.pid(), ExitReason.NORMAL);
          see(self, trace);
        });
    scenario(
        "port_monitor",
        (self, trace) -> {
          Port p = open(self, CAT);
          self.unlink(p.pid());
          Ref ref = self.monitor(p.pid());
          trace.ev(tuple(ref, p.pid()));
          p.close();
          see(self, trace);
        });
    scenario(
        "port_name",
        (self, trace) -> {
          Port p = open(self, CAT);
          self.runtime().register("copier", p.pid());
          self.send("copier", new PortRequest.Command(self.pid(), Bytes.utf8("x")));
          see(self, trace);
          p.close();
          trace.ev(self.runtime().whereis("copier").isPresent() ? "there" : "undefined");
        });
    scenario(
        "port_owner_dies",
        (self, trace) -> {
          Pid owner =
              self.spawn(
                  other -> {
                    self.runtime().send(self.pid(), Port.open(other, CAT));
                    other.receive();
                  });
          Port p = (Port) next(self);
          trace.ev(p.pid());
          self.monitor(p.pid());
          self.send(owner, "stop");
          trace.ev(((Down) next(self)).reason());
        });
    scenario(
        "port_busy",
        (self, trace) -> {
          Port p = open(self, PortSpec.of("/bin/sleep", "1000").withKillAfter(Duration.ZERO));
          Bytes big = Bytes.of(new byte[1_000_000]);
          trace.ev(p.tryCommand(big));
          trace.ev(p.tryCommand(big));
          trace.ev(p.tryCommand(big));
        });
  }
}
