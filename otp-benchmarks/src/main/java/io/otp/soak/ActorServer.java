package io.otp.soak;

import io.otp.process.ExitReason;
import io.otp.process.From;
import io.otp.process.Info;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.Next;
import io.otp.server.ServerOptions;
import io.otp.soak.Messages.Ask;
import io.otp.soak.Messages.CastNote;
import io.otp.soak.Messages.Tick;
import java.time.Duration;

/**
 * An {@link Actor} as a server. One instance each, for the same reason as in {@link
 * ActorBehaviour}.
 */
final class ActorServer implements ArgsGenServer<Actor, Object, Actor> {

  private final Kind kind;
  private final boolean traps;

  ActorServer(Ledger book) {
    this.kind = book.kind;
    this.traps = book.traps;
  }

  @Override
  public ServerOptions options() {
    return new ServerOptions(traps, kind.bound(), kind.ownThread());
  }

  @Override
  public Actor init(Actor actor, Self<Object> self) {
    actor.round.born(actor.book, self.pid());
    self.sendAfter(Duration.ZERO, Tick.TICK);
    return actor;
  }

  @Override
  public Next<Actor> handle(Object message, Actor actor, Self<Object> self) {
    if (!(message instanceof Ask ask)) {
      return in(actor, self, message);
    }
    actor.book.running.incrementAndGet();
    try {
      if (ask.answer() == Messages.Answer.NOW) {
        return Next.reply(ask, ask.number(), actor);
      }
      From<Long> from = self.from(ask);
      ExitReason reason = actor.answer(ask, from::reply);
      return reason == null ? Next.noreply(actor) : Next.stop(reason, actor);
    } finally {
      actor.book.running.decrementAndGet();
    }
  }

  @Override
  public Next<Actor> handleInfo(Info info, Actor actor, Self<Object> self) {
    return in(actor, self, info);
  }

  private static Next<Actor> in(Actor actor, Self<Object> self, Object message) {
    actor.book.running.incrementAndGet();
    try {
      actor.on(self, message);
      return message instanceof CastNote note && note.number() % 4 == 0
          ? Next.noreply(actor, Next.timeout(Duration.ofMillis(note.number() % 8 / 4)))
          : Next.noreply(actor);
    } finally {
      actor.book.running.decrementAndGet();
    }
  }
}
