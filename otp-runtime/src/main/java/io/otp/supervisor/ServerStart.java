package io.otp.supervisor;

import io.otp.process.Self;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.StartResult;
import io.otp.server.Startable;
import org.jspecify.annotations.Nullable;

/**
 * Starts a server or state machine with the same arguments each time; what {@link ChildSpec#worker}
 * makes, and what tools may look into.
 *
 * @param server the callbacks
 * @param args what {@code init} gets
 * @param name the name the process registers, {@code null} for none
 * @param <A> the start arguments
 */
public record ServerStart<A>(Startable<A, ?> server, A args, @Nullable String name)
    implements ChildStart {

  @Override
  public StartResult start(Self<Object> supervisor) {
    return server.startLink(
        supervisor, args, name == null ? StartOptions.NONE : StartOptions.named(name));
  }
}
