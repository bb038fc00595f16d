package io.otp.differential;

import io.otp.process.Behaviour;
import io.otp.process.CallbackModule;
import io.otp.process.ExitReason;
import io.otp.process.Info;
import io.otp.process.Request;
import io.otp.process.Self;

/** A behaviour that ends when it is initialised; without a reason it lives on and does nothing. */
class EndsAtOnce extends Behaviour {

  private static final CallbackModule MODULE = CallbackModule.of("EndsAtOnce", "test");

  private final ExitReason reason;

  EndsAtOnce(ExitReason reason) {
    this.reason = reason;
  }

  @Override
  protected CallbackModule module() {
    return MODULE;
  }

  @Override
  protected ExitReason init(Self<Object> self) {
    return reason;
  }

  @Override
  protected ExitReason onCast(Object message, Self<Object> self) {
    return reason;
  }

  @Override
  protected ExitReason onCall(Request request, Self<Object> self) {
    return reason;
  }

  @Override
  protected ExitReason onInfo(Info info, Self<Object> self) {
    return reason;
  }
}
