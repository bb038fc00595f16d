package io.otp.port;

import io.otp.port.PortException.Problem;
import io.otp.process.CallException;
import io.otp.process.ExitReason;
import io.otp.process.Immutable;
import io.otp.process.Pid;
import io.otp.process.ProcLib;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An external program as a process. What the program writes comes to the owner as {@link
 * PortMessage}s; what is sent with {@link #command} it reads.
 *
 * {@snippet :
 * Port bc = Port.open(self, PortSpec.of("bc", "-q").withMode(PortMode.lines(4096)));
 * bc.command(Bytes.utf8("2 + 2\n"));
 * String four = self.receive(Duration.ofSeconds(5), message -> switch (message) {
 *   case PortMessage.Line(var port, var line, _) when port.equals(bc) -> Receive.take(line.text());
 *   default -> Receive.skip();
 * }).orElseThrow();
 * bc.close();
 * }
 *
 * <p>The process that opens a port is its owner and linked to it. The port ends when its owner
 * ends, for whatever reason, when another process that is linked to it ends abnormally, when it is
 * closed, and when the program's output ends. Whoever is linked to it or monitors its {@link #pid}
 * hears of it then, with {@code normal} where nothing went wrong. The program is ended with it, see
 * {@link PortSpec#withKillAfter}, and at the latest with the JVM.
 *
 * <p>Both directions are bounded: a program whose owner does not receive has to wait, and so has a
 * process that sends to a program that does not read.
 *
 * <p>The methods may be called by any process and any thread that may wait.
 *
 * @see <a href="https://www.erlang.org/doc/system/ports.html">Ports and port drivers</a>
 */
@Immutable
public final class Port {

  private final ProcessRuntime runtime;
  private final Pid pid;
  private final String program;
  private final long osPid;

  Port(ProcessRuntime runtime, Pid pid, String program, long osPid) {
    this.runtime = runtime;
    this.pid = pid;
    this.program = program;
    this.osPid = osPid;
  }

  /**
   * Starts a program: {@code open_port/2} with {@code spawn_executable}. The calling process
   * becomes its owner, linked to the port.
   *
   * <p>Unlike in OTP, a working directory that does not exist is an error here and not an exit
   * status of the program.
   *
   * @throws PortException if there is no such program, it may not be executed, its directory is
   *     none, or the operating system does not start it; there is no port then
   */
  public static Port open(Self<?> self, PortSpec spec) {
    var process = new PortProcess(spec, self.pid());
    ProcLib.Start start =
        ProcLib.start(
            self,
            process,
            SpawnOptions.NONE.withLabel(label(spec.program())),
            PortCall.Open.OPEN,
            null);
    Program running = process.program();
    if (running != null) { // if it has been killed meanwhile, a link tells of it
      return new Port(self.runtime(), start.pid(), running.file(), running.osPid());
    }
    PortException failure = process.failure();
    throw failure != null
        ? new PortException(failure.problem(), String.valueOf(failure.getMessage()), failure)
        : new PortException(
            Problem.CLOSED, "Port of '" + spec.program() + "' was ended before it had started.");
  }

  private static String label(String program) {
    return program.length() <= 100 ? program : program.substring(program.length() - 100);
  }

  /**
   * How long the programs of {@code runtime} are left alone when the JVM ends: until that is
   * closed, and so long at most, because what uses them is being stopped in order. Default is zero;
   * Spring Boot's shutdown is waited for.
   */
  public static void awaitCloseAtExit(ProcessRuntime runtime, Duration longest) {
    Programs.Patience.of(runtime).set(longest);
  }

  /** The address of its process: to link, to monitor, to register, to send {@link PortRequest}s. */
  public Pid pid() {
    return pid;
  }

  /** The path of its program. */
  public String program() {
    return program;
  }

  /** The process id of its program in the operating system. */
  public long osPid() {
    return osPid;
  }

  /**
   * Writes to the program, within 5 s; see {@link #command(Bytes, Duration)}.
   *
   * @throws PortException as that
   */
  public void command(Bytes bytes) {
    command(bytes, ProcessRuntime.CALL_TIMEOUT);
  }

  /**
   * Writes to the program: {@code port_command/2}. Returns when the port has taken the bytes, which
   * it writes soon; while the port is busy, because the program does not read, this waits.
   *
   * @param bytes in a mode with packets a packet without its header
   * @param timeout longest wait, not negative
   * @throws PortException if the port has ended, the packet is too long, or the port was busy for
   *     {@code timeout}: then nothing is written, now or later
   */
  public void command(Bytes bytes, Duration timeout) {
    if (!send(bytes, timeout, true)) {
      throw busy(bytes, timeout);
    }
  }

  /**
   * Writes to the program unless the port is busy: {@code port_command/3} with {@code nosuspend}.
   *
   * @return {@code false}: it is busy, and nothing is written
   * @throws PortException if the port has ended, or the packet is too long
   */
  public boolean tryCommand(Bytes bytes) {
    return send(bytes, null, false);
  }

  private boolean send(Bytes bytes, @Nullable Duration timeout, boolean suspend) {
    Object answer;
    try {
      answer =
          runtime.call(
              runtime.address(pid),
              new PortCall.Command(Objects.requireNonNull(bytes), suspend),
              timeout);
    } catch (CallException.CallTimeoutException | CallException.MailboxFullException e) {
      return false;
    } catch (CallException.NoProcessException | CallException.ServerExitException e) {
      throw closed(e);
    }
    if (answer == PortProcess.Answer.TOO_LONG) {
      throw new PortException(
          Problem.TOO_LONG,
          this
              + " was not sent a packet of "
              + bytes.size()
              + " bytes: that is longer than its PortMode.packet allows. Send less, or open it with"
              + " a longer header or length.");
    }
    return answer == PortProcess.Answer.OK;
  }

  private PortException busy(Bytes bytes, Duration timeout) {
    return new PortException(
        Problem.BUSY,
        this
            + " has been busy for "
            + timeout.toMillis()
            + " ms: its program does not read. None of the "
            + bytes.size()
            + " bytes is written. Wait longer, or see what the program does.");
  }

  private PortException closed(CallException e) {
    return new PortException(
        Problem.CLOSED,
        this + " has ended" + reason(e) + ". Open another; a link or monitor tells when it ends.",
        e);
  }

  private static String reason(CallException e) {
    return e.cause() instanceof ExitReason.NoProcess ? "" : ", reason: " + e.cause();
  }

  /**
   * Closes it: {@code port_close/1}. When this returns the port has ended with {@code normal}, its
   * name is free and no more data comes; what was taken before is still written to the program.
   * Nothing happens if it has ended already, unlike in OTP, where that is an error.
   *
   * @throws CallException.CallTimeoutException if it has not ended within 5 s, because it is
   *     suspended
   */
  public void close() {
    try {
      runtime.call(runtime.address(pid), PortCall.Close.CLOSE, null);
    } catch (CallException.NoProcessException | CallException.ServerExitException e) {
      // it has ended
    }
  }

  /**
   * Gives it to another owner: {@code port_connect/2}. When this returns, all further data goes
   * there. The new owner is linked to it; the old one stays linked until it unlinks.
   *
   * @throws PortException if the port has ended
   * @throws IllegalArgumentException if {@code owner} has ended
   */
  public void connect(Pid owner) {
    Object connected;
    try {
      connected =
          runtime.call(
              runtime.address(pid), new PortCall.Connect(Objects.requireNonNull(owner)), null);
    } catch (CallException.NoProcessException | CallException.ServerExitException e) {
      throw closed(e);
    }
    if (connected == Boolean.FALSE) {
      throw new IllegalArgumentException(
          this + " cannot be given to " + owner + ", which has ended. Its owner keeps it.");
    }
  }

  /** What is known of it, empty if it has ended: {@code erlang:port_info/1}. */
  public Optional<PortInfo> info() {
    try {
      return Optional.of(
          (PortInfo) runtime.call(runtime.address(pid), PortCall.Describe.DESCRIBE, null));
    } catch (CallException.NoProcessException | CallException.ServerExitException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Port port && port.pid == pid;
  }

  @Override
  public int hashCode() {
    return pid.hashCode();
  }

  @Override
  public String toString() {
    return "Port " + pid + " of '" + program + "'";
  }
}
