package io.otp.stage;

import io.otp.process.Cast;
import io.otp.process.Pid;
import io.otp.process.ProcessRuntime;
import io.otp.process.SpawnOptions;
import io.otp.server.ServerRef;
import java.util.Objects;
import java.util.concurrent.Flow;

/** A stage as a publisher. Each subscriber gets a process of its own that stands for it. */
final class StagePublisher<O> implements Flow.Publisher<O> {

  private final ProcessRuntime runtime;
  private final ServerRef<StageMessage> stage;
  private final int partition;

  StagePublisher(ProcessRuntime runtime, ServerRef<StageMessage> stage, int partition) {
    this.runtime = runtime;
    this.stage = stage;
    this.partition = partition;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super O> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    var process = new SubscriberProcess<O>(subscriber, stage.whereis().orElse(null), partition);
    Pid pid = runtime.spawn(process, SpawnOptions.NONE);
    ServerRef.<SubscriberProcess.Message>of(runtime, pid).cast(new SubscriberProcess.Begin());
  }

  /** What a subscriber uses; any thread. */
  static final class FlowSubscription implements Flow.Subscription {

    private final ProcessRuntime runtime;
    private final Pid pid;
    private volatile boolean cancelled;

    FlowSubscription(ProcessRuntime runtime, Pid pid) {
      this.runtime = runtime;
      this.pid = pid;
    }

    boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void request(long n) {
      if (!cancelled) {
        tell(new SubscriberProcess.Request(n));
      }
    }

    @Override
    public void cancel() {
      if (!cancelled) {
        cancelled = true;
        tell(new SubscriberProcess.Cancel());
      }
    }

    private <T extends SubscriberProcess.Message & Cast<SubscriberProcess.Message>> void tell(
        T message) {
      ServerRef.<SubscriberProcess.Message>of(runtime, pid).cast(message);
    }
  }
}
