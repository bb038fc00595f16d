package io.otp.benchmarks;

import io.otp.process.Behaviour;
import io.otp.process.Call;
import io.otp.process.CallbackModule;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** The processes of the workloads: what each does with a message. */
final class BenchProcesses {

  private BenchProcesses() {}

  record Done() implements Cast<Object> {
    static final Done DONE = new Done();
  }

  record Stop() implements Cast<Object> {
    static final Stop STOP = new Stop();
  }

  record Crash() implements Cast<Object> {
    static final Crash CRASH = new Crash();
  }

  record Ping(Pid from) implements Cast<Object> {}

  record Pong(Pid from) implements Cast<Object> {}

  record Token(int hops) implements Cast<Object> {}

  record Junk(int number) {}

  record Get(int value) implements Call<Object, Integer> {}

  record Up(Pid pid) implements Cast<Object> {}

  /** Does nothing with whatever it is not made for. */
  private abstract static class Bench extends Behaviour {
    private static final CallbackModule MODULE = CallbackModule.of("Bench", "bench");

    @Override
    protected CallbackModule module() {
      return MODULE;
    }

    @Override
    protected @Nullable ExitReason init(Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      return message instanceof Stop ? ExitReason.NORMAL : null;
    }

    @Override
    protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
      return null;
    }

    @Override
    protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
      return null;
    }
  }

  /** Hears of so many things that are done. */
  static final class Counter extends Bench {
    private final CountDownLatch finished;
    private int left;

    Counter(int expected, CountDownLatch finished) {
      this.left = expected;
      this.finished = finished;
    }

    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      if (--left > 0) {
        return null;
      }
      finished.countDown();
      return ExitReason.NORMAL;
    }
  }

  /** Sends one message and ends. */
  static final class Mayfly extends Bench {
    private final Pid counter;

    Mayfly(Pid counter) {
      this.counter = counter;
    }

    @Override
    protected ExitReason init(Self<Object> self) {
      self.send(counter, Done.DONE);
      return ExitReason.NORMAL;
    }
  }

  static final class Ponger extends Bench {
    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      if (message instanceof Ping(var from)) {
        self.send(from, new Pong(self.pid()));
        return null;
      }
      return super.onCast(message, self);
    }
  }

  static final class Pinger extends Bench {
    private final Pid partner;
    private final Pid counter;
    private int left;

    Pinger(int rounds, Pid partner, Pid counter) {
      this.left = rounds;
      this.partner = partner;
      this.counter = counter;
    }

    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      if (message instanceof Pong(var from) && from != partner) {
        throw new IllegalStateException("an answer from somebody else");
      }
      if (left-- == 0) {
        self.send(partner, Stop.STOP);
        self.send(counter, Done.DONE);
        return ExitReason.NORMAL;
      }
      self.send(partner, new Ping(self.pid()));
      return null;
    }
  }

  /** One place of a ring; the first place is told its successor last. */
  static final class Place extends Bench {
    private final CountDownLatch finished;
    private @Nullable Pid next;

    Place(@Nullable Pid next, CountDownLatch finished) {
      this.next = next;
      this.finished = finished;
    }

    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      switch (message) {
        case Token(var hops) when hops == 0 -> finished.countDown();
        case Token(var hops) ->
            self.send(java.util.Objects.requireNonNull(next), new Token(hops - 1));
        case Up(var successor) -> next = successor;
        default -> {
          return super.onCast(message, self);
        }
      }
      return null;
    }
  }

  /** A gen_server that answers with what it is asked. */
  static final class Echo implements GenServer<Object, Integer> {
    static final Echo ECHO = new Echo();

    @Override
    public Integer init(NoArgs args, Self<Object> self) {
      return 0;
    }

    @Override
    public Next<Integer> handle(Object message, Integer state, Self<Object> self) {
      return switch (message) {
        case Get get -> Next.reply(get, get.value(), state);
        case Stop _ -> Next.stop(ExitReason.NORMAL, state);
        default -> Next.noreply(state);
      };
    }
  }

  /** A supervised server that tells {@code driver} when it is up and crashes when told so. */
  static final class Fragile implements ArgsGenServer<Pid, Object, Optional<Pid>> {
    static final Fragile FRAGILE = new Fragile();

    @Override
    public Optional<Pid> init(Pid driver, Self<Object> self) {
      self.send(driver, new Up(self.pid()));
      return Optional.of(driver);
    }

    @Override
    public Next<Optional<Pid>> handle(Object message, Optional<Pid> state, Self<Object> self) {
      throw new IllegalStateException("told to crash");
    }
  }

  /** Makes a {@link Fragile} crash so many times. */
  static final class Crasher extends Bench {
    private final CountDownLatch finished;
    private int left;
    private long startedAt;
    private volatile long nanos;

    Crasher(int crashes, CountDownLatch finished) {
      this.left = crashes;
      this.finished = finished;
    }

    long nanos() {
      return nanos;
    }

    @Override
    protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
      if (message instanceof Up(var pid)) {
        if (startedAt == 0) {
          startedAt = System.nanoTime();
        }
        if (left-- == 0) {
          nanos = System.nanoTime() - startedAt;
          finished.countDown();
          return ExitReason.NORMAL;
        }
        self.send(pid, Crash.CRASH);
        return null;
      }
      return super.onCast(message, self);
    }
  }
}
