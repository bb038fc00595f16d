package io.otp.soak;

import io.otp.process.Behaviour;
import io.otp.process.CallbackModule;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.MailboxFullException;
import io.otp.process.Pid;
import io.otp.process.Request;
import io.otp.process.Self;
import org.jspecify.annotations.Nullable;

/** A process without a book that lives for one message. */
final class Storm extends Behaviour {

  private static final CallbackModule MODULE = CallbackModule.of("Storm", "soak");

  /** The message. */
  enum Done {
    DONE
  }

  private final Pid parent;

  Storm(Pid parent) {
    this.parent = parent;
  }

  static void tell(Self<Object> self, Pid parent) {
    try {
      self.send(parent, Done.DONE);
    } catch (MailboxFullException e) {
      // it has enough
    }
  }

  @Override
  protected CallbackModule module() {
    return MODULE;
  }

  @Override
  protected ExitReason init(Self<Object> self) {
    tell(self, parent);
    return ExitReason.NORMAL;
  }

  @Override
  protected @Nullable ExitReason onCast(Object message, Self<Object> self) {
    return null;
  }

  @Override
  protected @Nullable ExitReason onCall(Request request, Self<Object> self) {
    return null;
  }

  @Override
  protected @Nullable ExitReason onInfo(Info info, Self<Object> self) {
    return null;
  }
}
