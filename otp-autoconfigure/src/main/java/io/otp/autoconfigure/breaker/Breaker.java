package io.otp.autoconfigure.breaker;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.otp.process.Call;
import io.otp.process.CallException;
import io.otp.process.Opaque;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.ServerRef;
import io.otp.supervisor.ChildSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker that is a process. Calls that go through it count: where too many of them fail
 * or are slow, it opens, and refuses the next ones at once until it has been tried whether things
 * are better. What is too many resilience4j says.
 *
 * {@snippet :
 * ChildSpec spec = Breaker.childSpec("bank", registry.circuitBreaker("bank"));  // in some supervisor
 *
 * Breaker bank = Breaker.of(runtime, "bank");
 * Receipt receipt = bank.call(gateway, new Pay(order), Duration.ofSeconds(2));
 * }
 *
 * <p>A timeout, a server that is not there or ends, a full mailbox: each is a failure, as is what
 * {@link #run} throws; the breaker's configuration may record or ignore some. A caller that ends
 * meanwhile counts for nothing. A breaker that is restarted begins closed and has counted nothing.
 *
 * @see <a href="https://resilience4j.readme.io/docs/circuitbreaker">resilience4j CircuitBreaker</a>
 */
public final class Breaker {

  private final ProcessRuntime runtime;
  private final String name;
  private final ServerRef<BreakerMessage> server;

  private Breaker(ProcessRuntime runtime, String name) {
    this.runtime = runtime;
    this.name = name;
    this.server = ServerRef.of(runtime, name);
  }

  /** The breaker that is registered as {@code name}. */
  public static Breaker of(ProcessRuntime runtime, String name) {
    return new Breaker(runtime, name);
  }

  /**
   * The spec of a breaker as a child of a supervisor.
   *
   * @param name what it registers, and its id
   * @param decides what decides; from now on used by its process alone
   */
  public static ChildSpec childSpec(String name, CircuitBreaker decides) {
    return ChildSpec.worker(
            name,
            BreakerServer.INSTANCE,
            new BreakerServer.Args(Opaque.of(new BreakerServer.Decider(decides))))
        .withModules(List.of(BreakerServer.class.getName()));
  }

  /**
   * Calls a server through the breaker, as {@link ServerRef#call(Call, Duration)} does.
   *
   * @throws BreakerOpenException if the breaker refuses; the server is not asked
   * @throws CallException as the call does, or because there is no such breaker
   */
  public <M, R> R call(ServerRef<M> server, Call<M, R> request, Duration timeout) {
    return run(() -> server.call(request, timeout));
  }

  /** As {@link #call(ServerRef, Call, Duration)}, waiting up to 5 seconds. */
  public <M, R> R call(ServerRef<M> server, Call<M, R> request) {
    return run(() -> server.call(request));
  }

  /**
   * Does {@code work} if the breaker lets it. For any thread that may wait.
   *
   * @throws BreakerOpenException if the breaker refuses; the work is not begun
   * @throws CallException if there is no such breaker, or it does not answer
   */
  public <R> R run(Supplier<R> work) {
    Ref ticket = Ref.create();
    ask(ticket);
    long begin = System.nanoTime();
    R result;
    try {
      result = work.get();
    } catch (RuntimeException | Error e) {
      tell(ticket, begin, e, null);
      throw e;
    }
    tell(ticket, begin, null, result);
    return result;
  }

  private void ask(Ref ticket) {
    Optional<Duration> refused;
    try {
      refused = server.call(new BreakerMessage.Ask(ticket));
    } catch (CallException.CallTimeoutException | CancellationException e) {
      server.cast(new BreakerMessage.GiveUp(ticket));
      throw e;
    }
    if (refused.isPresent()) {
      throw new BreakerOpenException(name, refused.get());
    }
  }

  private void tell(Ref ticket, long begin, @Nullable Throwable failure, @Nullable Object result) {
    server.cast(
        new BreakerMessage.Outcome(
            ticket,
            System.nanoTime() - begin,
            failure == null ? null : Opaque.of(failure),
            result == null ? null : Opaque.of(result)));
  }

  /**
   * Has each transition sent to the calling process, as a {@link BreakerChanged}, until either
   * ends. Monitor {@link #name} to learn that the breaker has.
   */
  public void subscribe(Self<?> self) {
    server.call(new BreakerMessage.Subscribe(self.pid()));
  }

  /** Whether it is open; while nobody asks, an open breaker stays so. */
  public CircuitBreaker.State state() {
    return server.call(new BreakerMessage.GetState());
  }

  /** What it is registered as. */
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "Breaker[" + name + " of " + runtime + "]";
  }
}
