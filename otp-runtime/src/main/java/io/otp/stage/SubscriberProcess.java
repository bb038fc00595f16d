package io.otp.stage;

import io.otp.process.Behaviour;
import io.otp.process.CallbackModule;
import io.otp.process.Cast;
import io.otp.process.Down;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.ServerRef;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a {@link Flow.Subscriber} among the consumers of a stage: asks for what it requests
 * and hands it the events, on one thread at a time.
 *
 * <p>Invariant F3: no more than {@link SubscribeOptions#DEFAULT}'s most are asked for and not
 * handed over, whatever was requested. So a subscriber that requests all bounds its mailbox and the
 * demand of the producer like any consumer.
 */
final class SubscriberProcess<O> extends Behaviour {

  /** What it is told by its {@link StagePublisher.FlowSubscription}. */
  sealed interface Message {}

  record Begin() implements Message, Cast<Message> {}

  record Request(long n) implements Message, Cast<Message> {}

  record Cancel() implements Message, Cast<Message> {}

  private static final CallbackModule MODULE = CallbackModule.of("subscriber", "gen_stage");

  private final Flow.Subscriber<? super O> subscriber;
  private final @Nullable Pid stage;
  private final int partition;
  private final Ref tag = Ref.create();

  /** What was requested and not asked for yet; the largest number stands for all. */
  private long requested;

  /** What was asked for and not handed over yet. */
  private int asked;

  private StagePublisher.@Nullable FlowSubscription subscription;

  SubscriberProcess(Flow.Subscriber<? super O> subscriber, @Nullable Pid stage, int partition) {
    this.subscriber = subscriber;
    this.stage = stage;
    this.partition = partition;
  }

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
    return switch (message) {
      case Begin _ -> begin(self);
      case Request(var n) -> request(n, self);
      case Cancel _ -> leave(self);
      case StageMessage.Events(_, var events) -> deliver(events, self);
      case StageMessage.Refused(_, var reason) -> refused(reason);
      default -> null;
    };
  }

  private @Nullable ExitReason begin(Self<Object> self) {
    subscription = new StagePublisher.FlowSubscription(self.runtime(), self.pid());
    subscriber.onSubscribe(subscription);
    if (stage == null) {
      subscriber.onError(new StageEndedException(ExitReason.NO_PROCESS));
      return ExitReason.NORMAL;
    }
    self.monitor(stage);
    tell(new StageMessage.Subscribe(tag, self.pid(), partition), self);
    return null;
  }

  private @Nullable ExitReason request(long n, Self<Object> self) {
    if (n > 0) {
      requested = requested + n < 0 ? Long.MAX_VALUE : requested + n;
      ask(self);
      return null;
    }
    leave(self);
    if (isOpen()) {
      subscriber.onError(
          new IllegalArgumentException(
              "A request for " + n + " events is not possible: it must be 1 or more (§3.9)"));
    }
    return ExitReason.NORMAL;
  }

  /** Asks as a consumer does: for as many as may be on their way, once half of them have come. */
  private void ask(Self<Object> self) {
    SubscribeOptions bound = SubscribeOptions.DEFAULT;
    if (requested == 0 || asked > bound.minDemand()) {
      return;
    }
    int more = (int) Math.min(requested, bound.maxDemand() - asked);
    requested = requested == Long.MAX_VALUE ? requested : requested - more;
    asked += more;
    tell(new StageMessage.Ask(tag, more), self);
  }

  private ExitReason refused(ExitReason reason) {
    if (isOpen()) {
      subscriber.onError(new StageEndedException(reason));
    }
    return ExitReason.NORMAL;
  }

  private ExitReason leave(Self<Object> self) {
    tell(new StageMessage.Leave(tag), self);
    return ExitReason.NORMAL;
  }

  @SuppressWarnings("unchecked") // the stage emits nothing else
  private @Nullable ExitReason deliver(List<?> events, Self<Object> self) {
    for (Object event : events) {
      if (!isOpen()) {
        return null; // Cancel is in the mailbox
      }
      subscriber.onNext((O) event);
    }
    asked -= events.size();
    ask(self);
    return null;
  }

  private boolean isOpen() {
    return subscription != null && !subscription.isCancelled();
  }

  private <T extends StageMessage & Cast<StageMessage>> void tell(T message, Self<Object> self) {
    if (stage != null) {
      ServerRef.<StageMessage>of(self.runtime(), stage).cast(message);
    }
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    if (!(info instanceof Down(_, _, var reason))) {
      return null;
    }
    if (isOpen()) {
      if (reason.isAbnormal()) {
        subscriber.onError(new StageEndedException(reason));
      } else {
        subscriber.onComplete();
      }
    }
    return ExitReason.NORMAL;
  }

  @Override
  protected @Nullable ExitReason onCall(io.otp.process.Request request, Self<Object> self) {
    return null; // nobody calls it
  }
}
