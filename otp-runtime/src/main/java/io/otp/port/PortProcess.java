package io.otp.port;

import io.otp.process.Behaviour;
import io.otp.process.Call;
import io.otp.process.CallbackModule;
import io.otp.process.Down;
import io.otp.process.Exit;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.MailboxBound;
import io.otp.process.Overload;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Request;
import io.otp.process.Self;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The process of a port. It never blocks: reading is done by {@link Reader}, writing by {@link
 * Input}, whose threads tell it what happens. All fields belong to the thread that runs the
 * process, except {@code failure} and {@code program}, which the opener reads after it was
 * answered.
 */
final class PortProcess extends Behaviour {

  private static final CallbackModule MODULE =
      CallbackModule.of("Port", "port").withMailbox(MailboxBound.of(1_000, Overload.BLOCK));

  /** What a program that does not read any more has to end by itself, and say with what status. */
  private static final Duration DYING = Duration.ofMillis(200);

  private static final ExitReason BADSIG = new ExitReason.Other("badsig");

  /** A caller that waits until there is room. */
  private record Waiting(Request request, byte[] bytes) {}

  private final PortSpec spec;
  private final Pid opener;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private @Nullable Output output;
  private @Nullable Reader reader;
  private @Nullable Request open;
  private @Nullable Program program;
  private @Nullable PortException failure;
  private @Nullable Input input;
  private @Nullable Port port;
  private @Nullable Ref ownerMonitor;

  PortProcess(PortSpec spec, Pid opener) {
    this.spec = spec;
    this.opener = opener;
  }

  @Override
  protected CallbackModule module() {
    return MODULE;
  }

  /** Why it did not start, {@code null} if it did. */
  @Nullable PortException failure() {
    return failure;
  }

  /** What runs, if anything does. */
  @Nullable Program program() {
    return program;
  }

  // --- start

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    self.trapExits(true);
    output = new Output(self.runtime(), opener, spec.window());
    reader = new Reader(self.runtime(), self.pid(), spec, output);
    Thread.ofPlatform().daemon().name("otp-port-out-" + self.pid()).start(reader);
    return null;
  }

  private @Nullable ExitReason launched(PortCall.Launched launched, Self<Object> self) {
    Program started = launched.program();
    Request request = open;
    if (started == null || request == null) {
      failure = launched.failure();
      return ExitReason.NORMAL; // answers the opener, who looks at the failure
    }
    program = started;
    var events =
        new Input.Events() {
          @Override
          public void writable() {
            self.runtime().signal(self.pid(), PortCall.Writable.WRITABLE);
          }

          @Override
          public void broken(IOException why) {
            // One that is ending has a status to tell, and its output may not have been read.
            if (started.awaitExit(DYING)) {
              return;
            }
            self.runtime()
                .signal(self.pid(), new PortCall.Broken("epipe: the program does not read"));
          }
        };
    input = new Input(started.stdin(), spec.busyLimit(), events, "otp-port-in-" + self.pid());
    started.writtenBy(input);
    port = new Port(self.runtime(), self.pid(), started.file(), started.osPid());
    self.link(opener);
    ownerMonitor = self.monitor(opener);
    open = null;
    request.reply(Call.Ok.OK);
    return null;
  }

  // --- calls, from any process

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    if (!(request.message() instanceof PortCall call)) {
      badSignal(self);
      return null;
    }
    switch (call) {
      case PortCall.Open _ -> open = request;
      case PortCall.Command(var bytes, var suspend) -> command(request, bytes, suspend);
      case PortCall.Close _ -> {
        return close();
      }
      case PortCall.Connect(var next) -> request.reply(connect(next, self));
      case PortCall.Describe _ -> request.reply(describe());
      default -> badSignal(self);
    }
    return null;
  }

  private void command(Request request, Bytes bytes, boolean suspend) {
    byte[] framed = Frames.framed(spec.mode(), bytes);
    if (framed == null) {
      request.reply(Answer.TOO_LONG);
    } else if (waiting.isEmpty() && input().hasRoom()) {
      accept(request, framed);
    } else if (suspend) {
      waiting.removeIf(w -> w.request().isDecided()); // those that wait no longer keep nothing
      waiting.add(new Waiting(request, framed));
    } else {
      request.reply(Answer.BUSY);
    }
  }

  /** Nothing is written for a caller that has given up. */
  private void accept(Request request, byte[] bytes) {
    if (request.reply(Answer.OK)) {
      input().offer(bytes);
    }
  }

  private void writable() {
    while (!waiting.isEmpty() && input().hasRoom()) {
      Waiting next = waiting.remove();
      accept(next.request(), next.bytes());
    }
  }

  /** What a command comes to. */
  enum Answer {
    OK,
    BUSY,
    TOO_LONG
  }

  private boolean connect(Pid next, Self<Object> self) {
    if (!self.runtime().isAlive(next)) {
      return false;
    }
    if (ownerMonitor != null) {
      self.demonitorFlush(ownerMonitor);
    }
    output().connect(next);
    self.link(next);
    ownerMonitor = self.monitor(next);
    return true;
  }

  private PortInfo describe() {
    Program running = started();
    return new PortInfo(
        running.file(),
        running.osPid(),
        output().owner(),
        reader == null ? 0 : reader.read(),
        input().written(),
        input().queued(),
        waiting.size());
  }

  private ExitReason close() {
    output().close();
    return ExitReason.NORMAL;
  }

  // --- messages

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    badSignal(self);
    return null;
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    switch (info) {
      case Info.Message(PortCall.Launched launched) -> {
        return launched(launched, self);
      }
      case Info.Message(PortCall.Writable _) -> writable();
      case Info.Message(PortCall.Ended _) -> {
        return close();
      }
      case Info.Message(PortCall.Broken(var reason)) -> {
        output().close();
        return new ExitReason.Other(reason);
      }
      case Info.Message(PortRequest request) -> {
        return onRequest(request, self);
      }
      case Exit(var from, var reason) -> {
        return onExit(from, reason);
      }
      case Down(var ref, _, var reason) -> {
        if (ref == ownerMonitor) {
          output().close();
          return reason;
        }
      }
      default -> badSignal(self);
    }
    return null;
  }

  /** Links other than the owner's end it only abnormally. */
  private @Nullable ExitReason onExit(Pid from, ExitReason reason) {
    if (from != output().owner() && reason instanceof ExitReason.Normal) {
      return null;
    }
    output().close();
    return reason;
  }

  private @Nullable ExitReason onRequest(PortRequest request, Self<Object> self) {
    if (request.owner() != output().owner() || program == null) {
      badSignal(self);
      return null;
    }
    switch (request) {
      case PortRequest.Command(_, var bytes) -> {
        byte[] framed = Frames.framed(spec.mode(), bytes);
        if (framed == null) {
          output().close();
          return new ExitReason.Other("einval");
        }
        if (waiting.isEmpty() && input().hasRoom()) {
          input().offer(framed);
        } else {
          output().tell(new PortMessage.Refused(port(), bytes));
        }
      }
      case PortRequest.Close _ -> {
        output().tell(new PortMessage.Closed(port()));
        return close();
      }
      case PortRequest.Connect(var owner, var next) -> {
        if (!connect(next, self)) {
          output().close();
          return ExitReason.NO_PROCESS;
        }
        self.runtime().signal(owner, new PortMessage.Connected(port()));
      }
    }
    return null;
  }

  private void badSignal(Self<Object> self) {
    self.exit(output().owner(), BADSIG);
  }

  @Override
  protected @Nullable Object status() {
    return program == null ? null : describe();
  }

  // --- what is there from init, or from the launch on

  private Output output() {
    if (output == null) {
      throw new IllegalStateException("a message before init");
    }
    return output;
  }

  private Program started() {
    if (program == null) {
      throw new IllegalStateException("a call before the program was started");
    }
    return program;
  }

  private Input input() {
    if (input == null) {
      throw new IllegalStateException("a call before the program was started");
    }
    return input;
  }

  private Port port() {
    if (port == null) {
      throw new IllegalStateException("a message before the program was started");
    }
    return port;
  }
}
