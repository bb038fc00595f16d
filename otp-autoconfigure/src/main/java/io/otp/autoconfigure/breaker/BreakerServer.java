package io.otp.autoconfigure.breaker;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.otp.process.Call;
import io.otp.process.Down;
import io.otp.process.From;
import io.otp.process.Info;
import io.otp.process.Opaque;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.BehaviourName;
import io.otp.server.Next;
import io.otp.server.ServerRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The process of a breaker: nobody else asks its {@link CircuitBreaker}, or tells it anything. */
@BehaviourName("breaker")
final class BreakerServer
    implements ArgsGenServer<BreakerServer.Args, BreakerMessage, Opaque<BreakerServer.Book>> {

  static final BreakerServer INSTANCE = new BreakerServer();

  private BreakerServer() {}

  record Args(Opaque<Decider> decider) {}

  /**
   * The breaker, and where its transitions go: to the process that owns it now. One listener for
   * all incarnations, since a publisher does not let go of any.
   */
  static final class Decider {
    final CircuitBreaker breaker;
    private volatile @Nullable ServerRef<BreakerMessage> owner;

    Decider(CircuitBreaker breaker) {
      this.breaker = breaker;
      breaker.getEventPublisher().onStateTransition(_ -> changed());
    }

    void ownedBy(Pid pid, ProcessRuntime runtime) {
      owner = ServerRef.of(runtime, pid);
    }

    /** Any thread: resilience4j has one that half-opens breakers, if they are told to. */
    private void changed() {
      ServerRef<BreakerMessage> now = owner;
      if (now != null) {
        now.cast(new BreakerMessage.Look());
      }
    }
  }

  /** The state of a breaker's process, which alone uses it. */
  static final class Book {
    final CircuitBreaker breaker;
    final Map<Ref, Optional<Ref>> open = new HashMap<>();
    final Map<Ref, Ref> byMonitor = new HashMap<>();
    final Map<Pid, Ref> subscribers = new HashMap<>();
    State seen;
    int opened;
    @Nullable Instant until;

    Book(CircuitBreaker breaker) {
      this.breaker = breaker;
      this.seen = breaker.getState();
    }

    Instant now() {
      return breaker.getCircuitBreakerConfig().getClock().instant();
    }
  }

  @Override
  public Opaque<Book> init(Args args, Self<BreakerMessage> self) {
    Decider decider = args.decider().value();
    decider.breaker.reset(); // what another incarnation had counted is gone with it
    decider.ownedBy(self.pid(), self.runtime());
    return Opaque.of(new Book(decider.breaker));
  }

  @Override
  public Next<Opaque<Book>> handle(
      BreakerMessage message, Opaque<Book> state, Self<BreakerMessage> self) {
    Book book = state.value();
    switch (message) {
      case BreakerMessage.Ask ask -> ask(ask.ticket(), self.from(ask), book, self);
      case BreakerMessage.Outcome outcome -> {
        if (close(outcome.ticket(), book, self)) {
          tell(outcome, book.breaker);
        }
      }
      case BreakerMessage.GiveUp(var ticket) -> {
        if (close(ticket, book, self)) {
          book.breaker.releasePermission();
        }
      }
      case BreakerMessage.Subscribe subscribe -> {
        book.subscribers.computeIfAbsent(subscribe.subscriber(), self::monitor);
        return Next.reply(subscribe, Call.Ok.OK, state);
      }
      case BreakerMessage.GetState get -> {
        return Next.reply(get, book.breaker.getState(), state);
      }
      case BreakerMessage.Look _ -> {} // below
    }
    look(book, self);
    return Next.noreply(state);
  }

  private static void ask(
      Ref ticket, From<Optional<Duration>> from, Book book, Self<BreakerMessage> self) {
    boolean admitted = book.breaker.tryAcquirePermission();
    look(book, self);
    if (!admitted) {
      from.reply(Optional.of(retryAfter(book)));
      return;
    }
    Pid client = from.pid();
    Ref monitor = client == null ? null : self.monitor(client);
    book.open.put(ticket, Optional.ofNullable(monitor));
    if (monitor != null) {
      book.byMonitor.put(monitor, ticket);
    }
    from.reply(Optional.empty());
  }

  private static Duration retryAfter(Book book) {
    Instant until = book.until;
    Duration left = until == null ? Duration.ZERO : Duration.between(book.now(), until);
    return left.isPositive() ? left : Duration.ofSeconds(1); // half open: somebody tries now
  }

  /** Whether it was open. */
  private static boolean close(Ref ticket, Book book, Self<BreakerMessage> self) {
    Optional<Ref> monitor = book.open.remove(ticket);
    if (monitor == null) {
      return false;
    }
    monitor.ifPresent(
        ref -> {
          book.byMonitor.remove(ref);
          self.demonitorFlush(ref);
        });
    return true;
  }

  private static void tell(BreakerMessage.Outcome outcome, CircuitBreaker breaker) {
    if (outcome.failure() != null) {
      breaker.onError(outcome.nanos(), TimeUnit.NANOSECONDS, outcome.failure().value());
    } else if (outcome.result() != null) {
      breaker.onResult(outcome.nanos(), TimeUnit.NANOSECONDS, outcome.result().value());
    } else {
      breaker.onSuccess(outcome.nanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Sees whether the state is another one, and tells of it. */
  private static void look(Book book, Self<BreakerMessage> self) {
    State from = book.seen;
    State to = book.breaker.getState();
    if (from == to) {
      return;
    }
    book.seen = to;
    if (to == State.OPEN) {
      book.opened = from == State.HALF_OPEN ? book.opened + 1 : 1;
      Long wait =
          book.breaker
              .getCircuitBreakerConfig()
              .getWaitIntervalFunctionInOpenState()
              .apply(book.opened);
      book.until = book.now().plusMillis(wait);
    } else {
      book.until = null;
    }
    var changed = new BreakerChanged(book.breaker.getName(), from, to);
    book.subscribers.keySet().forEach(subscriber -> self.send(subscriber, changed));
  }

  @Override
  public Next<Opaque<Book>> handleInfo(Info info, Opaque<Book> state, Self<BreakerMessage> self) {
    if (info instanceof Down(var ref, _, _)) {
      Book book = state.value();
      Ref ticket = book.byMonitor.remove(ref);
      if (ticket != null) {
        book.open.remove(ticket);
        book.breaker.releasePermission(); // how it went nobody knows
      } else {
        book.subscribers.values().remove(ref);
      }
      look(book, self);
    }
    return Next.noreply(state);
  }
}
