package io.otp.soak;

import io.otp.process.Behaviour;
import io.otp.process.CallbackModule;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Request;
import io.otp.process.Self;
import io.otp.soak.Messages.Ask;
import io.otp.soak.Messages.Tick;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An {@link Actor} as a behaviour. */
final class ActorBehaviour extends Behaviour {

  private final Actor actor;
  private final CallbackModule module;

  ActorBehaviour(Actor actor) {
    this.actor = actor;
    Kind kind = actor.book.kind;
    // one module each: what the runtime learns of one that blocks is to be learnt again and again
    this.module =
        CallbackModule.of("ActorBehaviour", "soak")
            .withMailbox(kind.bound())
            .withThreadLocals(kind.ownThread());
  }

  @Override
  protected CallbackModule module() {
    return module;
  }

  @Override
  protected @Nullable ExitReason init(Self<Object> self) {
    actor.round.born(actor.book, self.pid());
    if (actor.book.traps) {
      self.trapExits(true);
    }
    self.sendAfter(Duration.ZERO, Tick.TICK);
    return null;
  }

  private @Nullable ExitReason in(Self<Object> self, Object message) {
    actor.book.running.incrementAndGet();
    try {
      actor.on(self, message);
      if (message instanceof Messages.CastNote note && note.number() % 4 == 0) {
        timeoutAfter(Duration.ofMillis(note.number() % 8 / 4), self);
      }
      return null;
    } finally {
      actor.book.running.decrementAndGet();
    }
  }

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    return in(self, message);
  }

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    actor.book.running.incrementAndGet();
    try {
      return actor.answer((Ask) request.message(), request::reply);
    } finally {
      actor.book.running.decrementAndGet();
    }
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    return in(self, info);
  }
}
