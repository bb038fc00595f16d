package io.otp.supervisor;

import io.otp.process.Self;
import io.otp.server.ArgsGenServer;
import io.otp.server.GenServers;
import io.otp.server.GenServers.StartOptions;
import io.otp.server.StartResult;
import org.jspecify.annotations.Nullable;

/**
 * Starts a server with the same arguments each time; what {@link ChildSpec#worker} makes, and what
 * tools may look into.
 *
 * @param server the callbacks
 * @param args what {@code init} gets
 * @param name the name the process registers, {@code null} for none
 * @param <A> the start arguments
 */
public record ServerStart<A>(ArgsGenServer<A, ?, ?> server, A args, @Nullable String name)
    implements ChildStart {

  @Override
  public StartResult start(Self<Object> supervisor) {
    return GenServers.startLink(
        supervisor, server, args, name == null ? StartOptions.NONE : StartOptions.named(name));
  }
}
