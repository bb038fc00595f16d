package io.otp.load;

import io.otp.process.Down;
import io.otp.process.From;
import io.otp.process.Info;
import io.otp.process.Opaque;
import io.otp.process.Pid;
import io.otp.process.Ref;
import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.BehaviourName;
import io.otp.server.Next;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The process of a regulator. */
@BehaviourName("regulator")
final class RegulatorServer
    implements ArgsGenServer<RegulatorServer.Args, RegulatorMessage, Opaque<RegulatorBook>> {

  static final RegulatorServer INSTANCE = new RegulatorServer();

  private RegulatorServer() {}

  record Args(String name, RegulatorOptions options, Opaque<AdmissionListener> listener) {}

  @Override
  public Opaque<RegulatorBook> init(Args args, Self<RegulatorMessage> self) {
    return Opaque.of(
        new RegulatorBook(
            args.name(), args.options(), args.listener().value(), effects(self), now(self)));
  }

  private static long now(Self<?> self) {
    return self.runtime().clock().nanoTime();
  }

  private static RegulatorBook.Effects effects(Self<RegulatorMessage> self) {
    return new RegulatorBook.Effects() {
      @Override
      public @Nullable Ref monitor(From<Admission> client) {
        Pid pid = client.pid();
        return pid == null ? null : self.monitor(pid);
      }

      @Override
      public void demonitor(@Nullable Ref monitor) {
        if (monitor != null) {
          self.demonitorFlush(monitor);
        }
      }

      @Override
      public void tickAfter(long nanos) {
        self.sendAfter(Duration.ofNanos(nanos), new RegulatorMessage.Tick());
      }
    };
  }

  @Override
  public Next<Opaque<RegulatorBook>> handle(
      RegulatorMessage message, Opaque<RegulatorBook> state, Self<RegulatorMessage> self) {
    RegulatorBook book = state.value();
    switch (message) {
      case RegulatorMessage.Ask ask ->
          book.ask(ask.ticket(), ask.arrived(), self.from(ask), now(self));
      case RegulatorMessage.Done(var ticket) -> book.done(ticket, now(self));
      case RegulatorMessage.Tick _ -> book.tick(now(self));
      case RegulatorMessage.GetStatus status -> {
        return Next.reply(status, book.status(), state);
      }
    }
    return Next.noreply(state);
  }

  @Override
  public Next<Opaque<RegulatorBook>> handleInfo(
      Info info, Opaque<RegulatorBook> state, Self<RegulatorMessage> self) {
    if (info instanceof Down(var ref, _, _)) {
      state.value().ended(ref, now(self));
    }
    return Next.noreply(state);
  }
}
