package io.otp.supervisor;

import io.otp.process.Cast;
import io.otp.process.Self;
import io.otp.server.GenServer;
import io.otp.server.Next;
import io.otp.server.NoArgs;

/** A server that crashes when told so. */
final class Fragile implements GenServer<Fragile.Crash, Integer> {

  record Crash() implements Cast<Crash> {}

  @Override
  public Integer init(NoArgs args, Self<Crash> self) {
    return 0;
  }

  @Override
  public Next<Integer> handle(Crash message, Integer state, Self<Crash> self) {
    throw new IllegalStateException("told to crash");
  }
}
