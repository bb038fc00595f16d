package io.otp.server;

import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.Cast;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * How others talk to a server. One that names the server goes on working when the server is
 * restarted; one that holds its pid addresses that process and no later one.
 *
 * {@snippet :
 * ledger.cast(new Deposit("joe", 500));
 * long balance = ledger.call(new Balance("joe"));
 * }
 *
 * @param <M> the messages of the server
 */
public final class ServerRef<M> {

  private final ProcessRuntime runtime;
  private final ProcessRuntime.Address address;

  private ServerRef(ProcessRuntime runtime, ProcessRuntime.Address address) {
    this.runtime = runtime;
    this.address = address;
  }

  /** The server that has {@code name} whenever something is sent to it. */
  public static <M> ServerRef<M> of(ProcessRuntime runtime, String name) {
    return new ServerRef<>(runtime, runtime.address(name));
  }

  /** The server that is {@code pid}. */
  public static <M> ServerRef<M> of(ProcessRuntime runtime, Pid pid) {
    return new ServerRef<>(runtime, runtime.address(pid));
  }

  /** The server that is behind {@code address} whenever something is sent to it. */
  public static <M> ServerRef<M> of(ProcessRuntime runtime, ProcessRuntime.Address address) {
    return new ServerRef<>(runtime, address);
  }

  /**
   * Sends {@code message} and returns at once, whether or not there is a server.
   *
   * @throws io.otp.process.MutableMessageException if the message cannot be shown immutable
   * @throws io.otp.process.MailboxFullException if the server's mailbox is bounded, full, and its
   *     policy refuses
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#cast/2">gen_server:cast/2</a>
   */
  public void cast(Cast<M> message) {
    runtime.cast(address, message);
  }

  /**
   * Sends {@code request} and waits up to 5 seconds for the reply; see {@link #call(Call,
   * Duration)}.
   *
   * @return the reply
   */
  @SuppressWarnings("unchecked") // a server can answer a Call<M, R> only with an R
  public <R> R call(Call<M, R> request) {
    return (R) runtime.call(address, request, null);
  }

  /**
   * Sends {@code request} and waits for the reply. It is delivered at most once; after a timeout a
   * late reply is dropped and never reaches the caller's mailbox.
   *
   * @param timeout longest wait; zero sends and looks once
   * @return the reply
   * @throws CallException.CallTimeoutException if no reply came in time; the server may still act
   *     on the request
   * @throws CallException.NoProcessException if there is no such server
   * @throws CallException.ServerExitException if the server ends before it replies; carries its
   *     reason
   * @throws CallException.CallingSelfException if a server calls itself
   * @throws CallException.MailboxFullException if the server's mailbox is bounded, full, and its
   *     policy refuses
   * @throws IllegalArgumentException if the timeout is negative
   * @throws IllegalStateException on a thread that must not block, such as Reactor's
   * @throws java.util.concurrent.CancellationException if the calling thread, which is no process,
   *     is interrupted
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#call/3">gen_server:call/3</a>
   */
  @SuppressWarnings("unchecked")
  public <R> R call(Call<M, R> request, Duration timeout) {
    return (R) runtime.call(address, request, timeout);
  }

  /**
   * Sends {@code request} without waiting, not even for room in a bounded mailbox. The stage
   * completes within 5 seconds with the reply or a {@link CallException}, on a thread of its own.
   */
  public <R> CompletionStage<R> callAsync(Call<M, R> request) {
    return async(request, null);
  }

  /** As {@link #callAsync(Call)}, completing within {@code timeout}. */
  public <R> CompletionStage<R> callAsync(Call<M, R> request, Duration timeout) {
    return async(request, timeout);
  }

  @SuppressWarnings("unchecked")
  private <R> CompletionStage<R> async(Call<M, R> request, @Nullable Duration timeout) {
    return (CompletionStage<R>) runtime.callAsync(address, request, timeout);
  }

  /**
   * Sends {@code request} and returns at once; the response is waited for, or recognised when it
   * arrives, with what this returns. Never fails for want of a server: the response says so.
   *
   * {@snippet :
   * RequestId<Long> id = ledger.sendRequest(self, new Balance("joe"));
   * // ... do something else, then
   * Optional<Answer<Long>> answer = id.receiveResponse(self, Duration.ofSeconds(5));
   * }
   *
   * @param self the calling process, which gets the response
   * @throws io.otp.process.MutableMessageException if the request cannot be shown immutable
   * @see <a
   *     href="https://www.erlang.org/doc/apps/stdlib/gen_server.html#send_request/2">gen_server:send_request/2</a>
   */
  public <R> RequestId<R> sendRequest(Self<?> self, Call<M, R> request) {
    return new RequestId<>(self.sendRequest(address, request), this, self.pid());
  }

  ProcessRuntime runtime() {
    return runtime;
  }

  ProcessRuntime.Address address() {
    return address;
  }

  /**
   * Sends anything else: it arrives in {@code handleInfo}. Nothing happens if there is no server.
   */
  public void send(Object message) {
    whereis().ifPresent(pid -> runtime.send(pid, message));
  }

  /** The process behind this reference now, empty if there is none. */
  public Optional<Pid> whereis() {
    return runtime.resolve(address);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ServerRef<?> ref
        && ref.runtime == runtime
        && ref.address.equals(address);
  }

  @Override
  public int hashCode() {
    return address.hashCode();
  }

  @Override
  public String toString() {
    return "ServerRef[" + address + "]";
  }
}
