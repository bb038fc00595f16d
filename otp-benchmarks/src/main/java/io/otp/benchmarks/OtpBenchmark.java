package io.otp.benchmarks;

import io.otp.benchmarks.BenchProcesses.Counter;
import io.otp.benchmarks.BenchProcesses.Crasher;
import io.otp.benchmarks.BenchProcesses.Done;
import io.otp.benchmarks.BenchProcesses.Echo;
import io.otp.benchmarks.BenchProcesses.Fragile;
import io.otp.benchmarks.BenchProcesses.Get;
import io.otp.benchmarks.BenchProcesses.Junk;
import io.otp.benchmarks.BenchProcesses.Mayfly;
import io.otp.benchmarks.BenchProcesses.Ping;
import io.otp.benchmarks.BenchProcesses.Pinger;
import io.otp.benchmarks.BenchProcesses.Place;
import io.otp.benchmarks.BenchProcesses.Pong;
import io.otp.benchmarks.BenchProcesses.Ponger;
import io.otp.benchmarks.BenchProcesses.Stop;
import io.otp.benchmarks.BenchProcesses.Token;
import io.otp.benchmarks.BenchProcesses.Up;
import io.otp.process.Behaviour;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Receive;
import io.otp.process.Self;
import io.otp.process.SpawnOptions;
import io.otp.process.Sys;
import io.otp.server.GenServers;
import io.otp.server.NoArgs;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildSpec;
import io.otp.supervisor.Strategy;
import io.otp.supervisor.Supervisor;
import io.otp.supervisor.SupervisorSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * This runtime's side: {@code OtpBenchmark otp|otp-raw} and the arguments of {@link Timing#of}.
 *
 * <p>{@code otp}: processes are behaviours and servers, run on demand; senders and callers that
 * work off a loop are raw processes, as an application's would be. {@code otp-raw}: every process
 * has a virtual thread of its own. Reports are made and given to a handler that drops them, as
 * Erlang's are.
 */
final class OtpBenchmark implements WorkloadRunner {

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  private final ProcessRuntime runtime =
      ProcessRuntime.builder()
          .name("bench")
          .maxProcesses(4_000_000)
          .reportHandler(report -> {})
          .build();

  private final boolean raw;

  private OtpBenchmark(boolean raw) {
    this.raw = raw;
  }

  public static void main(String[] arguments) throws Exception {
    List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
    Timing.of(rest).report(new OtpBenchmark(arguments[0].equals("otp-raw")), System.out);
    System.exit(0); // idle servers stay
  }

  @Override
  public long run(Workload workload, int operations) throws Exception {
    return switch (workload) {
      case CALL1 -> callers(1, operations, 0);
      case CALL1000 -> callers(1000, operations / 1000, 0);
      case QUEUED -> callers(1, operations, Workload.QUEUED_MESSAGES);
      case QUEUED_EMPTY -> callers(1, operations, 0);
      case ONE1 -> oneWay(1, operations);
      case ONE8 -> oneWay(8, operations / 8);
      case PP1 -> pingPong(1, operations);
      case PP1000 -> pingPong(1000, operations / 1000);
      case SPAWN -> spawnAndExit(operations);
      case RING -> ring(operations);
      case RESTART -> restarts(operations, Workload.RESTARTS_PER_SUPERVISOR);
      case RESTART_LONG -> restarts(operations, operations);
      case RESTART_BARE, IDLE -> throw new IllegalArgumentException(workload + " is not run here");
    };
  }

  private Pid spawn(Behaviour behaviour) {
    return runtime.spawn(behaviour, SpawnOptions.NONE);
  }

  private static void await(CountDownLatch finished) throws InterruptedException {
    if (!finished.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the workload hangs");
    }
  }

  /** A process that counts, in this contender's manner. */
  private Pid counter(int expected, CountDownLatch finished) {
    return raw
        ? runtime.spawn(
            self -> {
              for (int i = 0; i < expected; i++) {
                self.receive();
              }
              finished.countDown();
            })
        : spawn(new Counter(expected, finished));
  }

  private ServerRef<Object> echo() {
    if (GenServers.start(runtime, Echo.ECHO, NoArgs.NO_ARGS, GenServers.StartOptions.NONE)
        instanceof StartResult.Started(var pid, _)) {
      return ServerRef.of(runtime, pid);
    }
    throw new IllegalStateException("a server did not start");
  }

  private long callers(int callers, int calls, int queued) throws InterruptedException {
    var finished = new CountDownLatch(1);
    var ready = new CountDownLatch(callers);
    var go = new CountDownLatch(1);
    Pid counter = counter(callers, finished);
    for (int i = 0; i < callers; i++) {
      ServerRef<Object> server = echo();
      Pid caller =
          runtime.spawn(
              self -> {
                ready.countDown();
                awaitQuietly(go);
                for (int j = 0; j < calls; j++) {
                  if (server.call(new Get(j), CALL_TIMEOUT) != j) {
                    throw new IllegalStateException("a wrong answer");
                  }
                }
                server.cast(Stop.STOP);
                self.send(counter, Done.DONE);
              });
      for (int j = 0; j < queued; j++) {
        runtime.send(caller, new Junk(j));
      }
    }
    await(ready);
    long start = System.nanoTime();
    go.countDown();
    await(finished);
    return System.nanoTime() - start;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private long oneWay(int senders, int messages) throws InterruptedException {
    var finished = new CountDownLatch(1);
    Pid counter = counter(senders * messages, finished);
    Consumer<Self<Object>> sender =
        self -> {
          for (int i = 0; i < messages; i++) {
            self.send(counter, Done.DONE);
          }
        };
    long start = System.nanoTime();
    for (int i = 0; i < senders; i++) {
      runtime.spawn(sender);
    }
    await(finished);
    return System.nanoTime() - start;
  }

  private long pingPong(int pairs, int rounds) throws InterruptedException {
    var finished = new CountDownLatch(1);
    Pid counter = counter(pairs, finished);
    Pid[] pingers = new Pid[pairs];
    for (int i = 0; i < pairs; i++) {
      pingers[i] =
          raw ? rawPair(rounds, counter) : spawn(new Pinger(rounds, spawn(new Ponger()), counter));
    }
    long start = System.nanoTime();
    for (Pid pinger : pingers) {
      runtime.send(pinger, Done.DONE);
    }
    await(finished);
    return System.nanoTime() - start;
  }

  private Pid rawPair(int rounds, Pid counter) {
    Pid ponger =
        runtime.spawn(
            self -> {
              while (self.receive() instanceof Ping(var from)) {
                self.send(from, new Pong(self.pid()));
              }
            });
    return runtime.spawn(
        self -> {
          self.receive();
          for (int i = 0; i < rounds; i++) {
            self.send(ponger, new Ping(self.pid()));
            self.receive(
                m ->
                    m instanceof Pong(var from) && from == ponger
                        ? Receive.take(m)
                        : Receive.skip());
          }
          self.send(ponger, Stop.STOP);
          self.send(counter, Done.DONE);
        });
  }

  private long spawnAndExit(int processes) throws InterruptedException {
    var finished = new CountDownLatch(1);
    Pid counter = counter(processes, finished);
    long start = System.nanoTime();
    runtime.spawn(
        self -> {
          for (int i = 0; i < processes; i++) {
            if (raw) {
              self.spawn(child -> child.send(counter, Done.DONE));
            } else {
              self.spawn(new Mayfly(counter), SpawnOptions.NONE);
            }
          }
        });
    await(finished);
    return System.nanoTime() - start;
  }

  private long ring(int hops) throws InterruptedException {
    var finished = new CountDownLatch(1);
    Pid[] places = new Pid[Workload.RING_SIZE];
    for (int i = places.length - 1; i >= 0; i--) {
      Pid next = i == places.length - 1 ? null : places[i + 1];
      places[i] = raw ? rawPlace(next, finished) : spawn(new Place(next, finished));
    }
    runtime.send(places[places.length - 1], new Up(places[0]));
    long start = System.nanoTime();
    runtime.send(places[0], new Token(hops));
    await(finished);
    long nanos = System.nanoTime() - start;
    for (Pid place : places) {
      runtime.send(place, Stop.STOP);
    }
    return nanos;
  }

  private Pid rawPlace(Pid first, CountDownLatch finished) {
    return runtime.spawn(
        self -> {
          Pid next = first;
          while (true) {
            switch (self.receive()) {
              case Token(var hops) when hops == 0 -> finished.countDown();
              case Token(var hops) -> self.send(next, new Token(hops - 1));
              case Up(var successor) -> next = successor;
              default -> {
                return;
              }
            }
          }
        });
  }

  private long restarts(int restarts, int perSupervisor) throws InterruptedException {
    long nanos = 0;
    for (int done = 0; done < restarts; done += perSupervisor) {
      nanos += restartsOfOne(Math.min(perSupervisor, restarts - done));
    }
    return nanos;
  }

  private long restartsOfOne(int restarts) throws InterruptedException {
    var finished = new CountDownLatch(1);
    var crasher = new Crasher(restarts, finished);
    Pid driver = spawn(crasher);
    SupervisorSpec spec =
        SupervisorSpec.of(
                "restarts",
                Strategy.ONE_FOR_ONE,
                ChildSpec.worker("fragile", Fragile.FRAGILE, driver, null))
            .withIntensity(100_000_000, Duration.ofSeconds(1));
    Supervisor.start(runtime, spec);
    await(finished);
    Pid supervisor = runtime.whereis("restarts").orElseThrow();
    Sys.terminate(supervisor, ExitReason.SHUTDOWN, Duration.ofSeconds(10));
    return crasher.nanos();
  }

  @Override
  public Object startIdleServers(int servers) throws InterruptedException {
    Pid[] pids = new Pid[servers];
    if (raw) {
      for (int i = 0; i < servers; i++) {
        pids[i] =
            runtime.spawn(
                self -> {
                  int handled = 0;
                  while (self.receive() instanceof Done) {
                    handled++;
                  }
                  if (handled < 0) {
                    throw new IllegalStateException();
                  }
                });
      }
    } else {
      for (int i = 0; i < servers; i++) {
        pids[i] = echo().whereis().orElseThrow();
      }
    }
    for (Pid pid : pids) {
      runtime.send(pid, Done.DONE);
    }
    while (runtime.stats().runQueue() > 0 || runtime.stats().busySchedulers() > 0) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return pids;
  }
}
