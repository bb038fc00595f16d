package io.otp.stage;

import io.otp.process.CallException;
import io.otp.process.Opaque;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.ServerRef;
import io.otp.server.StartResult;
import io.otp.supervisor.ChildSpec;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;

/**
 * How others talk to a stage: subscribe it to a producer, or see it as a {@link Flow.Publisher}.
 *
 * {@snippet :
 * ChildSpec numbers = StageRef.childSpec("numbers", new Numbers(), 0);     // in some supervisor
 * ChildSpec printer = StageRef.childSpec("printer", new Printer(), NO_ARGS);
 *
 * StageRef<Void, Integer> from = StageRef.of(runtime, "numbers");
 * StageRef<Integer, Void> to = StageRef.of(runtime, "printer");
 * to.subscribeTo(from, SubscribeOptions.maxDemand(100));
 *
 * Flux<Integer> flux = JdkFlowAdapter.flowPublisherToFlux(from.publisher());
 * }
 *
 * @param <I> the events it consumes, {@link Void} for none
 * @param <O> the events it produces, {@link Void} for none
 */
public final class StageRef<I, O> {

  private final ProcessRuntime runtime;
  private final ServerRef<StageMessage> server;

  private StageRef(ProcessRuntime runtime, ServerRef<StageMessage> server) {
    this.runtime = runtime;
    this.server = server;
  }

  /** The stage that has {@code name} whenever it is used. */
  public static <I, O> StageRef<I, O> of(ProcessRuntime runtime, String name) {
    return new StageRef<>(runtime, ServerRef.of(runtime, name));
  }

  /** The stage that is {@code pid}. */
  public static <I, O> StageRef<I, O> of(ProcessRuntime runtime, Pid pid) {
    return new StageRef<>(runtime, ServerRef.of(runtime, pid));
  }

  /**
   * The spec of a stage as a child of a supervisor.
   *
   * @param name what it registers, and its id
   */
  public static <A> ChildSpec childSpec(String name, Stage<A, ?, ?, ?> stage, A args) {
    return ChildSpec.worker(name, StageServer.INSTANCE, args(stage, args))
        .withModules(List.of(stage.getClass().getName()));
  }

  /** Starts a stage that is linked to the calling process. */
  public static <A> StartResult startLink(
      Self<?> self, Stage<A, ?, ?, ?> stage, A args, StartOptions options) {
    return GenServers.startLink(self, StageServer.INSTANCE, args(stage, args), options);
  }

  /** Starts a stage from a thread that is no process. */
  public static <A> StartResult start(
      ProcessRuntime runtime, Stage<A, ?, ?, ?> stage, A args, StartOptions options) {
    return GenServers.start(runtime, StageServer.INSTANCE, args(stage, args), options);
  }

  private static StageServer.Args args(Stage<?, ?, ?, ?> stage, Object args) {
    return new StageServer.Args(Opaque.of(stage), args);
  }

  /**
   * Has this stage consume what {@code producer} produces, until either ends or it is cancelled. If
   * there is no such producer, or it has no such partition, that is its end: see {@link
   * SubscribeOptions.Cancel}.
   *
   * @throws IllegalArgumentException if this stage is a producer
   * @throws CallException if there is no such stage, or it does not answer
   */
  public Subscription subscribeTo(StageRef<?, ? extends I> producer, SubscribeOptions options) {
    Ref tag =
        server
            .call(new StageMessage.SubscribeTo(producer.server.whereis().orElse(null), options))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        this
                            + " is a producer and cannot subscribe to "
                            + producer
                            + ". Only a consumer or a producer-consumer can; subscribe that one"
                            + " to this."));
    return new Subscription(this, tag);
  }

  /**
   * Ends a subscription of this stage. Events that are on their way are dropped; what its end means
   * is the same as that of its producer with {@code normal}.
   *
   * @return whether there was one
   * @throws CallException if there is no such stage, or it does not answer
   */
  boolean cancel(Ref tag) {
    return server.call(new StageMessage.Cancel(tag));
  }

  /**
   * What it produces, as a publisher: each of its subscribers is a consumer of this stage and gets
   * what the {@link Dispatcher} gives it. {@code onComplete} comes when the stage ends with normal
   * or a shutdown, {@code onError} with a {@link StageEndedException} when it ends otherwise.
   *
   * @param partition see {@link SubscribeOptions#partition}; the demand is the subscriber's
   */
  public Flow.Publisher<O> publisher(int partition) {
    return new StagePublisher<>(runtime, server, partition);
  }

  /** What it produces, as a publisher; of a partitioned one partition 0. */
  public Flow.Publisher<O> publisher() {
    return publisher(0);
  }

  /** What it is doing. */
  public StageStatus status() {
    return server.call(new StageMessage.GetStatus());
  }

  /** The process behind this reference now, empty if there is none. */
  public Optional<Pid> whereis() {
    return server.whereis();
  }

  @Override
  public String toString() {
    return "Stage" + server;
  }
}
