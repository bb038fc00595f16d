package io.otp.stage;

import io.otp.process.Info;
import io.otp.process.Self;
import java.util.List;

/**
 * The code of a stage; applications implement {@link Producer}, {@link ProducerConsumer} or {@link
 * Consumer}. As with servers, state goes in and comes out; what a callback throws ends the process.
 *
 * @param <A> its start arguments, immutable
 * @param <I> the events it consumes, immutable
 * @param <O> the events it produces, immutable
 * @param <S> its state
 * @see <a href="https://hexdocs.pm/gen_stage/GenStage.html">GenStage</a>
 */
public sealed interface Stage<A, I, O, S> permits Producer, ProducerConsumer, Consumer {

  /** Makes the first state, in the new process; whoever starts the stage waits for it. */
  S init(A args, Self<?> self) throws Exception;

  /** How its processes are set up; {@link StageOptions#DEFAULT} by default. */
  default StageOptions options() {
    return StageOptions.DEFAULT;
  }

  /** Events were asked for; only producers are. */
  default Emit<O, S> handleDemand(long demand, S state, Self<?> self) throws Exception {
    throw new IllegalStateException(getClass().getName() + " produces nothing");
  }

  /** Events have come; only to those that consume. */
  default Emit<O, S> handleEvents(List<I> events, S state, Self<?> self) throws Exception {
    throw new IllegalStateException(getClass().getName() + " consumes nothing");
  }

  /** Anything else that was sent to it; dropped by default. */
  default Emit<O, S> handleInfo(Info info, S state, Self<?> self) throws Exception {
    return Emit.none(state);
  }
}
