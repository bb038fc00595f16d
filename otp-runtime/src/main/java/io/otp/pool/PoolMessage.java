package io.otp.pool;

import io.otp.process.Call;
import io.otp.process.Cast;
import io.otp.process.Pid;
import io.otp.process.Ref;
import java.util.Optional;

/** What a pool is asked. */
sealed interface PoolMessage {

  /** Answered with a worker; empty if there is none and the client does not want to wait. */
  record Checkout(Ref ticket, boolean block)
      implements PoolMessage, Call<PoolMessage, Optional<Pid>> {}

  record Checkin(Pid worker) implements PoolMessage, Cast<PoolMessage> {}

  /** The client has given up; what it was lent meanwhile comes back. */
  record Cancel(Ref ticket) implements PoolMessage, Cast<PoolMessage> {}

  record GetStatus() implements PoolMessage, Call<PoolMessage, PoolStatus> {}
}
