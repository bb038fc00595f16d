package io.otp.stage;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.ExitReason;
import io.otp.process.Pid;
import io.otp.process.Ref;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What stages tell each other. A subscription is known by its consumer's {@code tag}. */
sealed interface StageMessage {

  // --- to a producer

  record Subscribe(Ref tag, Pid consumer, int partition)
      implements StageMessage, Cast<StageMessage> {}

  record Ask(Ref tag, long demand) implements StageMessage, Cast<StageMessage> {}

  record Leave(Ref tag) implements StageMessage, Cast<StageMessage> {}

  // --- to a consumer

  record Events(Ref tag, List<?> events) implements StageMessage, Cast<StageMessage> {}

  /** The producer has no such part: the subscription ends. */
  record Refused(Ref tag, ExitReason reason) implements StageMessage, Cast<StageMessage> {}

  /**
   * Answered with nothing by a producer, which cannot subscribe.
   *
   * @param producer {@code null}: there is none
   */
  record SubscribeTo(@Nullable Pid producer, SubscribeOptions options)
      implements StageMessage, Call<StageMessage, Optional<Ref>> {}

  record Cancel(Ref tag) implements StageMessage, Call<StageMessage, Boolean> {}

  // --- to both

  record GetStatus() implements StageMessage, Call<StageMessage, StageStatus> {}
}
