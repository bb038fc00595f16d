package io.otp.snippets;

import static io.otp.server.Next.noreply;
import static io.otp.server.Next.stop;

import io.otp.port.Bytes;
import io.otp.port.Port;
import io.otp.port.PortMessage;
import io.otp.port.PortMode;
import io.otp.port.PortRequest;
import io.otp.port.PortSpec;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Receive;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The examples in the Javadoc of io.otp.port and in docs/ports.md, compiled. Change them together.
 */
final class PortSnippets {

  private PortSnippets() {}

  /** Port. */
  static String use(Self<Object> self) {
    Port bc = Port.open(self, PortSpec.of("bc", "-q").withMode(PortMode.lines(4096)));
    bc.command(Bytes.utf8("2 + 2\n"));
    String four =
        self.receive(
                Duration.ofSeconds(5),
                message ->
                    switch (message) {
                      case PortMessage.Line(var port, var line, _) when port.equals(bc) ->
                          Receive.take(line.text());
                      default -> Receive.<String>skip();
                    })
            .orElseThrow();
    bc.close();
    return four;
  }

  /** PortSpec. */
  static PortSpec spec() {
    PortSpec convert =
        PortSpec.of("/usr/bin/convert", "-", "png:-")
            .withMode(PortMode.packet(4))
            .withDirectory(Path.of("/var/tmp"))
            .withEnvironment("LC_ALL", "C")
            .withExitStatus();
    return convert;
  }

  /** PortRequest. */
  static void request(Port port, Self<Object> self) {
    self.send(port.pid(), new PortRequest.Command(self.pid(), Bytes.utf8("quit\n")));
  }

  record State(String last) {
    State with(String line) {
      return new State(line);
    }
  }

  /** PortMessage, docs/ports.md. */
  interface Calculator extends GenServer<Object, State> {
    @Override
    default Next<State> handleInfo(Info info, State state, Self<Object> self) throws Exception {
      return switch (info) {
        case Info.Message(PortMessage.Line(var port, var bytes, var eol)) ->
            noreply(state.with(bytes.text()));
        case Info.Message(PortMessage.ExitStatus(var port, var status)) ->
            stop(ExitReason.other("status " + status), state);
        default -> GenServer.super.handleInfo(info, state, self);
      };
    }
  }
}
