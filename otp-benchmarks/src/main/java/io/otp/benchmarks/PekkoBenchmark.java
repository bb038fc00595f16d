package io.otp.benchmarks;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * Pekko's side: {@code PekkoBenchmark pekko|pekko-tuned} and the arguments of {@link Timing#of}.
 * The typed API throughout, as Pekko recommends for new code, in its lighter form: functions, no
 * receive builders, no logging.
 *
 * <p>Every run has a root actor, the parent of all others. It prepares them, starts the clock,
 * starts them, and stops the clock when it is told {@link Finished}; stopping it stops what is left
 * of the run.
 */
final class PekkoBenchmark implements WorkloadRunner {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  private static final Config QUIET =
      ConfigFactory.parseString(
          """
          pekko.use-slf4j = off
          pekko.loglevel = OFF
          pekko.stdout-loglevel = OFF
          pekko.log-dead-letters = off
          """);

  private static final Config TUNED =
      ConfigFactory.parseString(
          """
          pekko.actor.default-dispatcher {
            throughput = 64
            fork-join-executor { parallelism-min = %1$d, parallelism-max = %1$d }
          }
          """
              .formatted(Runtime.getRuntime().availableProcessors()));

  private final ActorSystem<GuardianMessage> system;

  private PekkoBenchmark(Config config) {
    system = ActorSystem.create(guardian(), "benchmark", config.withFallback(ConfigFactory.load()));
  }

  public static void main(String[] arguments) throws Exception {
    var timing = Timing.of(List.of(arguments).subList(1, arguments.length));
    boolean tuned = arguments[0].equals(Contender.PEKKO_TUNED.toString());
    timing.report(new PekkoBenchmark(tuned ? TUNED.withFallback(QUIET) : QUIET), System.out);
    System.exit(0);
  }

  @Override
  public long run(Workload workload, int operations) throws Exception {
    return switch (workload) {
      case CALL1 -> timed(run -> callers(run, 1, operations));
      case CALL1000 -> timed(run -> callers(run, 1000, operations / 1000));
      case ONE1 -> timed(run -> oneWay(run, 1, operations));
      case ONE8 -> timed(run -> oneWay(run, 8, operations / 8));
      case PP1 -> timed(run -> pingPong(run, 1, operations));
      case PP1000 -> timed(run -> pingPong(run, 1000, operations / 1000));
      case SPAWN -> timed(run -> spawnAndExit(run, operations));
      case RING -> timed(run -> ring(run, Workload.RING_SIZE, operations));
      case RESTART -> restarts(operations);
      case QUEUED, QUEUED_EMPTY, RESTART_BARE, RESTART_LONG, IDLE ->
          throw new IllegalArgumentException("Pekko has no run of '" + workload + "'.");
    };
  }

  @Override
  public Object startIdleServers(int servers) throws Exception {
    var touched = new CompletableFuture<Void>();
    system.tell(
        new Start(
            Behaviors.<Finished>setup(
                run -> {
                  var counter = counter(run, servers);
                  spawner(
                      run,
                      servers,
                      PekkoBenchmark::server,
                      server -> server.tell(new Touch(counter)));
                  return Behaviors.receiveMessage(
                      finished -> {
                        touched.complete(null);
                        return Behaviors.same();
                      });
                }),
            new CompletableFuture<>()));
    touched.get();
    return system;
  }

  // ---- workloads: prepare, and return what starts them ------------------------------------------

  private static Runnable callers(ActorContext<Finished> run, int callers, int calls) {
    var counter = counter(run, callers);
    var all = new ArrayList<ActorRef<CallerMessage>>();
    for (int i = 0; i < callers; i++) {
      var server = run.spawnAnonymous(server());
      all.add(run.spawnAnonymous(caller(server, calls, counter)));
    }
    return () -> all.forEach(caller -> caller.tell(Go.GO));
  }

  private static Runnable oneWay(ActorContext<Finished> run, int senders, int messages) {
    var counter = counter(run, senders * messages);
    var all = new ArrayList<ActorRef<Go>>();
    for (int i = 0; i < senders; i++) {
      all.add(run.spawnAnonymous(sender(counter, messages)));
    }
    return () -> all.forEach(sender -> sender.tell(Go.GO));
  }

  private static Runnable pingPong(ActorContext<Finished> run, int pairs, int roundTrips) {
    var counter = counter(run, pairs);
    var all = new ArrayList<ActorRef<PingerMessage>>();
    for (int i = 0; i < pairs; i++) {
      var ponger = run.spawnAnonymous(ponger());
      all.add(run.spawnAnonymous(pinger(ponger, roundTrips, counter)));
    }
    return () -> all.forEach(pinger -> pinger.tell(Go.GO));
  }

  private static Runnable spawnAndExit(ActorContext<Finished> run, int children) {
    var counter = counter(run, children);
    Behavior<Go> child =
        Behaviors.setup(
            context -> {
              counter.tell(Done.DONE);
              return Behaviors.stopped();
            });
    return () -> spawner(run, children, () -> child, ref -> {});
  }

  private static Runnable ring(ActorContext<Finished> run, int size, int hops) {
    var last = run.spawnAnonymous(lastMember(run.getSelf()));
    var first = last;
    for (int i = 1; i < size; i++) {
      first = run.spawnAnonymous(member(first, run.getSelf()));
    }
    last.tell(new Close(first));
    var start = first;
    return () -> start.tell(new Token(hops));
  }

  /** The clock runs from the first start of the child to the last, so the root keeps it itself. */
  private long restarts(int restarts) throws Exception {
    var took = new CompletableFuture<Long>();
    runToEnd(
        Behaviors.<ActorRef<Crash>>setup(
            root -> {
              root.spawnAnonymous(
                  Behaviors.supervise(crashing(root.getSelf()))
                      .onFailure(SupervisorStrategy.restart().withLoggingEnabled(false)));
              return crasher(restarts, took);
            }));
    return took.get();
  }

  // ---- runs and their roots ---------------------------------------------------------------------

  private long timed(Function<ActorContext<Finished>, Runnable> prepare) throws Exception {
    var took = new CompletableFuture<Long>();
    runToEnd(
        Behaviors.<Finished>setup(
            root -> {
              var go = prepare.apply(root);
              long start = System.nanoTime();
              go.run();
              return Behaviors.receiveMessage(
                  finished -> {
                    took.complete(System.nanoTime() - start);
                    return Behaviors.stopped();
                  });
            }));
    return took.get();
  }

  /** Returns when the root and all actors below it are gone. */
  private void runToEnd(Behavior<?> root) throws Exception {
    var gone = new CompletableFuture<Void>();
    system.tell(new Start(root, gone));
    gone.get();
  }

  private sealed interface GuardianMessage {}

  private record Start(Behavior<?> root, CompletableFuture<Void> gone) implements GuardianMessage {}

  private record Gone(CompletableFuture<Void> gone) implements GuardianMessage {}

  private static Behavior<GuardianMessage> guardian() {
    return Behaviors.setup(
        context ->
            Behaviors.receiveMessage(
                message -> {
                  switch (message) {
                    case Start(var root, var gone) ->
                        context.watchWith(context.spawnAnonymous(root), new Gone(gone));
                    case Gone(var gone) -> gone.complete(null);
                  }
                  return Behaviors.same();
                }));
  }

  // ---- actors -----------------------------------------------------------------------------------

  /** All that was to be done in a run is done. */
  private enum Finished {
    FINISHED
  }

  private enum Done {
    DONE
  }

  private enum Go implements CallerMessage, PingerMessage {
    GO
  }

  /** Tells the root when it has got so many messages. */
  private static ActorRef<Done> counter(ActorContext<Finished> run, int messages) {
    var root = run.getSelf();
    int[] left = {messages};
    return run.spawnAnonymous(
        Behaviors.receiveMessage(
            done -> {
              if (--left[0] == 0) {
                root.tell(Finished.FINISHED);
              }
              return Behaviors.same();
            }));
  }

  /**
   * Spawns so many children and does something with each. One child per message: between its
   * messages a parent takes note of the children that ended. Spawning many per message was two to
   * three times slower.
   */
  private static <M> void spawner(
      ActorContext<Finished> run,
      int children,
      Supplier<Behavior<M>> child,
      Consumer<ActorRef<M>> started) {
    Behavior<Integer> spawner =
        Behaviors.setup(
            context ->
                Behaviors.receiveMessage(
                    left -> {
                      started.accept(context.spawnAnonymous(child.get()));
                      if (left > 1) {
                        context.getSelf().tell(left - 1);
                      }
                      return Behaviors.same();
                    }));
    run.spawnAnonymous(spawner).tell(children);
  }

  private sealed interface ServerMessage {}

  private record Get(Integer value, ActorRef<Integer> replyTo) implements ServerMessage {}

  private record Touch(ActorRef<Done> counter) implements ServerMessage {}

  /** Counts what it is asked, as the gen_server of {@code otp_bench.erl}. */
  private static final class Server {
    private int count;

    Behavior<ServerMessage> handle(ServerMessage message) {
      count++;
      switch (message) {
        case Get(var value, var replyTo) -> replyTo.tell(value);
        case Touch(var counter) -> counter.tell(Done.DONE);
      }
      return Behaviors.same();
    }
  }

  private static Behavior<ServerMessage> server() {
    return Behaviors.receiveMessage(new Server()::handle);
  }

  private sealed interface CallerMessage {}

  private record Answer(@Nullable Integer value, @Nullable Throwable failure)
      implements CallerMessage {}

  /** Asks, and asks again when the answer is there. */
  private static Behavior<CallerMessage> caller(
      ActorRef<ServerMessage> server, int calls, ActorRef<Done> counter) {
    int[] left = {calls};
    return Behaviors.setup(
        context ->
            Behaviors.receiveMessage(
                message -> {
                  if (message instanceof Answer(var value, var failure)) {
                    check(value != null && value == left[0], "An answer is wrong", failure);
                    left[0]--;
                  }
                  if (left[0] == 0) {
                    counter.tell(Done.DONE);
                    return Behaviors.stopped();
                  }
                  context.ask(
                      Integer.class,
                      server,
                      CALL_TIMEOUT,
                      (ActorRef<Integer> replyTo) -> new Get(left[0], replyTo),
                      Answer::new);
                  return Behaviors.same();
                }));
  }

  private static Behavior<Go> sender(ActorRef<Done> to, int messages) {
    return Behaviors.receiveMessage(
        go -> {
          for (int i = 0; i < messages; i++) {
            to.tell(Done.DONE);
          }
          return Behaviors.stopped();
        });
  }

  private sealed interface PingerMessage {}

  private record Pong(ActorRef<Ping> from) implements PingerMessage {}

  private record Ping(ActorRef<PingerMessage> from) {}

  private static Behavior<PingerMessage> pinger(
      ActorRef<Ping> ponger, int roundTrips, ActorRef<Done> counter) {
    int[] left = {roundTrips};
    return Behaviors.setup(
        context -> {
          var self = context.getSelf();
          return Behaviors.receiveMessage(
              message -> {
                if (message instanceof Pong(var from)) {
                  check(from.equals(ponger), "A pong of somebody else", null);
                  left[0]--;
                }
                if (left[0] == 0) {
                  counter.tell(Done.DONE);
                  return Behaviors.stopped();
                }
                ponger.tell(new Ping(self));
                return Behaviors.same();
              });
        });
  }

  private static Behavior<Ping> ponger() {
    return Behaviors.setup(
        context -> {
          var self = context.getSelf();
          return Behaviors.receiveMessage(
              ping -> {
                ping.from().tell(new Pong(self));
                return Behaviors.same();
              });
        });
  }

  private sealed interface MemberMessage {}

  private record Token(int hops) implements MemberMessage {}

  private record Close(ActorRef<MemberMessage> first) implements MemberMessage {}

  private static Behavior<MemberMessage> lastMember(ActorRef<Finished> root) {
    return Behaviors.receiveMessage(
        message ->
            message instanceof Close(var first) ? member(first, root) : Behaviors.unhandled());
  }

  private static Behavior<MemberMessage> member(
      ActorRef<MemberMessage> next, ActorRef<Finished> root) {
    return Behaviors.receiveMessage(
        message -> {
          if (message instanceof Token(int hops)) {
            if (hops == 0) {
              root.tell(Finished.FINISHED);
            } else {
              next.tell(new Token(hops - 1));
            }
          }
          return Behaviors.same();
        });
  }

  private enum Crash {
    CRASH
  }

  /** Tells at each start that it is up. */
  private static Behavior<Crash> crashing(ActorRef<ActorRef<Crash>> up) {
    return Behaviors.setup(
        context -> {
          up.tell(context.getSelf());
          return Behaviors.receiveMessage(
              crash -> {
                throw new IllegalStateException("crash");
              });
        });
  }

  /** Crashes the child whenever it is up. */
  private static Behavior<ActorRef<Crash>> crasher(int restarts, CompletableFuture<Long> took) {
    int[] left = {restarts};
    long[] start = {0};
    return Behaviors.receiveMessage(
        child -> {
          if (left[0] == restarts) {
            start[0] = System.nanoTime();
          }
          if (left[0]-- == 0) {
            took.complete(System.nanoTime() - start[0]);
            return Behaviors.stopped();
          }
          child.tell(Crash.CRASH);
          return Behaviors.same();
        });
  }

  /**
   * A wrong answer ends the process: an actor's failure would only end the actor, and the run hang.
   */
  private static void check(boolean holds, String otherwise, @Nullable Throwable failure) {
    if (!holds) {
      System.err.println(otherwise + (failure == null ? "" : ", " + failure));
      Runtime.getRuntime().halt(1);
    }
  }
}
