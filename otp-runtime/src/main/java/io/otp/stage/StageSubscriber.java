package io.otp.stage;

import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.StartResult;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber that is a producer: what it is sent, it emits, and it requests what its consumers
 * ask for. Subscribe it to a publisher, of Reactor through {@code JdkFlowAdapter}, and consumers to
 * its {@link #stage}.
 *
 * {@snippet :
 * StageSubscriber<Order> orders = StageSubscriber.start(runtime);
 * billing.subscribeTo(orders.stage(), SubscribeOptions.maxDemand(50));
 * JdkFlowAdapter.publisherToFlowPublisher(flux).subscribe(orders);
 * }
 *
 * <p>The stage ends with {@code normal} after {@code onComplete} and with a crash after {@code
 * onError}, when all events before have been taken. When it is ended by others the publisher's
 * subscription is cancelled.
 *
 * @param <E> the events, immutable
 */
public final class StageSubscriber<E> implements Flow.Subscriber<E> {

  /** What the stage is told; plain messages. */
  private sealed interface Told {
    record Subscribed() implements Told {}

    record Next(Object event) implements Told {}

    record End(ExitReason reason) implements Told {}
  }

  /** The subscription, once there is one; set by the publisher's thread. */
  private final AtomicReference<Flow.@Nullable Subscription> upstream;

  private final ProcessRuntime runtime;
  private final Pid pid;

  private StageSubscriber(
      ProcessRuntime runtime, Pid pid, AtomicReference<Flow.@Nullable Subscription> upstream) {
    this.runtime = runtime;
    this.pid = pid;
    this.upstream = upstream;
  }

  /**
   * Starts the stage.
   *
   * @throws IllegalStateException if it cannot be started
   */
  public static <E> StageSubscriber<E> start(ProcessRuntime runtime) {
    return start(runtime, StageOptions.DEFAULT);
  }

  /** Starts the stage with other options, such as another {@link Dispatcher}. */
  public static <E> StageSubscriber<E> start(ProcessRuntime runtime, StageOptions options) {
    var upstream = new AtomicReference<Flow.@Nullable Subscription>();
    StartResult started =
        StageRef.start(runtime, new Entry(options, upstream), 0, StartOptions.NONE);
    if (!(started instanceof StartResult.Started(var pid, _))) {
      throw new IllegalStateException("The stage of a subscriber cannot start: " + started);
    }
    runtime.atExit(
        pid,
        _ -> {
          Flow.Subscription subscription = upstream.get();
          if (subscription != null) {
            subscription.cancel();
          }
        });
    return new StageSubscriber<>(runtime, pid, upstream);
  }

  /** The producer. */
  public StageRef<Void, E> stage() {
    return StageRef.of(runtime, pid);
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    Objects.requireNonNull(subscription, "subscription");
    if (!upstream.compareAndSet(null, subscription)) {
      subscription.cancel(); // one publisher is enough (§2.5)
    } else if (runtime.isAlive(pid)) {
      runtime.send(pid, new Told.Subscribed());
    } else {
      subscription.cancel();
    }
  }

  @Override
  public void onNext(E event) {
    runtime.send(pid, new Told.Next(Objects.requireNonNull(event, "event")));
  }

  @Override
  public void onError(Throwable failure) {
    runtime.send(pid, new Told.End(ExitReason.of(Objects.requireNonNull(failure, "failure"))));
  }

  @Override
  public void onComplete() {
    runtime.send(pid, new Told.End(ExitReason.NORMAL));
  }

  /**
   * The code of the stage. Its state is what its consumers asked for before there was a publisher.
   */
  private record Entry(StageOptions options, AtomicReference<Flow.@Nullable Subscription> upstream)
      implements Producer<Integer, Object, Long> {

    @Override
    public Long init(Integer args, Self<?> self) {
      return 0L;
    }

    @Override
    public Emit<Object, Long> handleDemand(long demand, Long waiting, Self<?> self) {
      Flow.Subscription subscription = upstream.get();
      if (subscription == null) {
        return Emit.none(waiting + demand);
      }
      subscription.request(waiting + demand);
      return Emit.none(0L);
    }

    @Override
    public Emit<Object, Long> handleInfo(Info info, Long waiting, Self<?> self) {
      if (!(info instanceof Info.Message(Told told))) {
        return Emit.none(waiting);
      }
      return switch (told) {
        case Told.Subscribed _ -> waiting == 0 ? Emit.none(0L) : handleDemand(0, waiting, self);
        case Told.Next(var event) -> Emit.of(List.of(event), waiting);
        case Told.End(var reason) -> Emit.stop(reason, List.of(), waiting);
      };
    }
  }
}
