package io.otp.port;

import io.otp.port.PortException.Problem;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The thread of a port that blocks: it starts the program, turns its output into messages and waits
 * for its end. It is a platform thread, since a read from a pipe holds one anyway, and belongs to
 * no process, so no kill interrupts it: the end of the program, or of the port, ends it.
 */
final class Reader implements Runnable {

  private final ProcessRuntime runtime;
  private final Pid pid;
  private final PortSpec spec;
  private final Output output;
  private final LongAdder bytes = new LongAdder();

  Reader(ProcessRuntime runtime, Pid pid, PortSpec spec, Output output) {
    this.runtime = runtime;
    this.pid = pid;
    this.spec = spec;
    this.output = output;
  }

  /** Bytes read so far. */
  long read() {
    return bytes.sum();
  }

  @Override
  public void run() {
    Program program = launch();
    if (program == null) {
      return;
    }
    var port = new Port(runtime, pid, program.file(), program.osPid());
    try (InputStream in = program.stdout()) {
      if (!pass(Frames.of(spec.mode(), in), port)) {
        return; // and the program gets SIGPIPE if it writes on
      }
    } catch (Frames.TooLongException e) {
      tell(new PortCall.Broken("emsgsize: " + e.getMessage()));
      return;
    } catch (IOException e) {
      // the same as the end of the output
    }
    if (spec.exitStatus()) {
      output.tell(new PortMessage.ExitStatus(port, program.awaitExit()));
    }
    if (spec.eof()) {
      output.tell(new PortMessage.Eof(port));
    } else {
      tell(PortCall.Ended.ENDED);
    }
  }

  private @Nullable Program launch() {
    PortException failure;
    try {
      Program program = Program.start(runtime, spec);
      runtime.atExit(pid, _ -> ended(program)); // at once, if the port has been ended meanwhile
      tell(new PortCall.Launched(program, null));
      return program;
    } catch (PortException e) {
      failure = e;
    } catch (RuntimeException | Error e) {
      failure = new PortException(Problem.SYSTEM, "Port cannot start " + spec + ": " + e, e);
    }
    tell(new PortCall.Launched(null, failure));
    return null;
  }

  /** Also where the port was killed: nothing of it comes after its end, and this thread goes on. */
  private void ended(Program program) {
    output.close();
    program.end();
  }

  /** Whether the output has ended; {@code false}: the port is closed. */
  private boolean pass(Frames frames, Port port) throws IOException {
    boolean lines = spec.mode() instanceof PortMode.Lines;
    for (Frames.Frame frame = frames.next(); frame != null; frame = frames.next()) {
      bytes.add(frame.size());
      PortMessage message =
          lines
              ? new PortMessage.Line(port, frame.bytes(), frame.eol())
              : new PortMessage.Data(port, frame.bytes());
      if (!output.deliver(message, frame.size())) {
        return false;
      }
    }
    return true;
  }

  private void tell(PortCall event) {
    runtime.signal(pid, event);
  }
}
